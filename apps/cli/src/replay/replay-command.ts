import type { Command } from 'commander';
import type { ReplayFlags } from './replay-options.ts';

/** `flotilla replay`: what happened to a member, decided once more. */
export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description('play what a member recorded of itself again, check every decision, and show it step by step')
    .argument('<file>', "a recording, such as flight-1.jsonl in a member's data directory")
    .option('--from <step>', 'first step to show; those before are played all the same')
    .option('--to <step>', 'last step to play')
    .option('--only <kinds>', 'show only steps with these kinds of input, message or event, separated by commas')
    .option('--effects', 'show also what the member had to do: what it wrote, sent, applied and answered')
    .option('--json', 'print one JSON object on each line instead, values as in the recording')
    .addHelpText(
      'after',
      `
A step is an input, the events that came of it (+), and what they changed. Exit code 1: the file is damaged, or a decision
did not come out as recorded.

  flotilla replay .flotilla/kv/member-1/flight-1.jsonl --only became-leader,commit-advanced`,
    )
    .action(async (file: string, flags: ReplayFlags) => {
      const { replay } = await import('./replay.ts');
      await replay(file, flags);
    });
}
