import type { Command } from 'commander';
import { jsonOption, outputOption } from '../endpoints.ts';
import type { VerifyOptions } from './verify.ts';

/** `flotilla verify`: whether data is what was written. */
export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('check all that is in a data directory, or in a backup')
    .argument('<path>', 'the data directory of a member that is stopped, or a backup')
    .addOption(outputOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nReads everything and changes nothing. Lists what is damaged, and where; the exit code is 1 then. What to do about it is under\n"Damaged data" in docs/operations.md.',
    )
    .action(async (path: string, options: VerifyOptions) => (await import('./verify.ts')).verify(path, options));
}
