import type { ModelName } from '@flotilla/simulator';
import { type Command, Option } from 'commander';
import type { CheckFlags } from './check.ts';

/** The simulator's own list, said again: no other command shall wait until the simulator is loaded. */
export const checkedModels = [
  'kv',
  'register',
  'append',
  'append-text',
  'lock',
  'counter',
  'registers',
] as const satisfies readonly ModelName[];

/** `flotilla check`: whether what clients saw can have been seen on one machine. */
export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('judge whether a history of calls is linearizable')
    .argument('<file>', 'the history: one JSON object on each line, as docs/checking.md describes')
    .addOption(new Option('--model <name>', 'what the calls should behave like').choices(checkedModels).default('kv'))
    .option('--steps-max <count>', 'give up on a key after this many steps of the model', '10000000')
    .option('--json', 'print one JSON object instead')
    .addHelpText(
      'after',
      `
Each key is checked by itself. Exit codes: 0 the history is linearizable, 4 it is not, 6 no verdict within --steps-max (which
shows nothing to be right), 2 the file is no history or does not fit the model.

  flotilla check history.ndjson --model register`,
    )
    .action(async (file: string, flags: CheckFlags) => {
      const { check } = await import('./check.ts');
      await check(file, flags);
    });
}
