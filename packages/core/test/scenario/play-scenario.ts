import { isFlotillaError } from '../../src/index.ts';
import { commands } from './commands.ts';
import { Stage } from './stage.ts';

/**
 * Plays a scenario file and returns it as it should read.
 *
 * A line that begins with `#` is a comment, an indented line is recorded output, any other line is a command. `quiet`
 * before a command shows only what became of the members.
 */
export function playScenario(text: string): string {
  const stage = new Stage();
  const played: string[] = [];
  text.split('\n').forEach((line, i) => {
    if (/^\s+\S/.test(line)) return;
    played.push(line);
    if (line.trim() === '' || line.startsWith('#')) return;
    stage.lines = [];
    try {
      playCommand(stage, line.trim().split(/\s+/));
    } catch (error) {
      if (!isFlotillaError(error))
        throw new Error(`line ${i + 1}: ${line}: ${error instanceof Error ? error.message : error}`, { cause: error });
      stage.lines.push(`! ${error.code}: ${error.message}`);
    }
    played.push(...stage.lines.map((said) => `  ${said}`));
  });
  return played.join('\n');
}

function playCommand(stage: Stage, [name = '', ...words]: readonly string[]): void {
  const command = commands[name];
  if (name === 'quiet') {
    playCommand(stage, words);
    stage.lines = [];
    stage.status();
  } else if (command !== undefined) {
    command(stage, words);
  } else {
    throw new Error('there is no such command');
  }
}
