import type { Command } from 'commander';
import { endpointsOption, outputOption, parseEndpoints } from '../endpoints.ts';
import { exitCodes } from '../exit-code.ts';
import { reportMembers, statusTable } from '../member-status.ts';
import { print } from '../output.ts';

/** `flotilla status`: what each member says of itself. */
export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('show role, term and log positions of every member')
    .addOption(endpointsOption())
    .addOption(outputOption())
    .action(async ({ endpoints, output }: { endpoints: string; output: string }) => {
      const reports = await reportMembers(parseEndpoints(endpoints));
      if (output === 'json') await print(JSON.stringify(reports));
      else await print(statusTable(reports));
      // A member that knows a leader can serve, whichever members were asked.
      if (!reports.some(({ status }) => status !== null && status.leader !== null)) process.exitCode = exitCodes.unavailable;
    });
}
