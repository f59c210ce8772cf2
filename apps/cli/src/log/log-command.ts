import type { Command } from 'commander';
import { outputOption } from '../endpoints.ts';
import type { LogOptions } from './print-log.ts';

/** `flotilla log`: a member's log, from its disk. */
export function addLogCommand(program: Command): void {
  program
    .command('log')
    .description("print a member's log from its disk, also while the member runs")
    .argument('<data-dir>', 'the data directory of the member')
    .option('--from <index>', 'first entry', '1')
    .option('--to <index>', 'last entry; the end of the log where absent')
    .option('--group <number>', 'which group', '1')
    .addOption(outputOption())
    .addHelpText(
      'after',
      '\nThe first line tells where the log begins. JSON output is one object for each entry, with whole commands and memberships; the\ntable shortens them.',
    )
    .action(async (directory: string, options: LogOptions) => {
      const { printLog } = await import('./print-log.ts');
      await printLog(directory, options);
    });
}
