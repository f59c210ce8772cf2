import type { Command } from 'commander';
import { endpointsOption, jsonOption, outputOption, parseEndpoints } from '../endpoints.ts';
import { exitCodes } from '../exit-code.ts';
import { plainScreen, terminalScreen } from '../live-screen.ts';
import { type MemberReport, reportMembers, statusLine, statusTable } from '../member-status.ts';
import { print } from '../output.ts';
import { watchMembers } from '../watch-members.ts';

interface StatusOptions {
  readonly endpoints: string;
  readonly output: string;
  readonly watch?: boolean;
}

/** `flotilla status`: what each member says of itself. */
export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('show role, term and log positions of every member, also of those that joined later')
    .addOption(endpointsOption())
    .addOption(outputOption())
    .addOption(jsonOption())
    .option('--watch', 'go on until Ctrl-C: in place on a terminal, otherwise a line for each change')
    .action(async ({ endpoints: list, output, watch }: StatusOptions) => {
      const endpoints = parseEndpoints(list);
      if (watch) return watchStatus(endpoints, output);
      const reports = await reportMembers(endpoints);
      await print(output === 'json' ? JSON.stringify(reports) : statusTable(reports));
      // A member that knows a leader can serve, whichever members were asked.
      if (!reports.some(({ status }) => status !== null && status.leader !== null)) process.exitCode = exitCodes.unavailable;
    });
}

/** Shows the members until a signal. */
async function watchStatus(endpoints: readonly string[], output: string): Promise<void> {
  const inPlace = process.stdout.isTTY && output !== 'json';
  const screen = inPlace ? terminalScreen(process.stdout) : plainScreen(process.stdout);
  const show = (reports: readonly MemberReport[]) => {
    const line = statusLine(reports);
    if (inPlace) screen.update(statusTable(reports), line);
    else screen.update(output === 'json' ? JSON.stringify(reports) : `${new Date().toISOString()}  ${line}`, line);
  };
  const stop = watchMembers(endpoints, { refreshMs: 1000, timeoutMs: 900 }, show);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  stop();
}
