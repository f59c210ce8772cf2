import type { Command } from 'commander';
import { endpointsOption, jsonOption, outputOption, parseEndpoints } from '../endpoints.ts';
import { exitCodes } from '../exit-code.ts';
import { printJson } from '../json-output.ts';
import { formatTable, print } from '../output.ts';
import { wholeNumber } from '../whole-number.ts';

interface SnapshotOptions {
  readonly endpoints: string;
  readonly output: string;
  readonly timeoutMs: string;
}

/** What a member said when it was asked to store its state. */
interface Report {
  readonly endpoint: string;
  readonly snapshot: { readonly index: number; readonly size: number; readonly id: string } | null;
  /** Why it did not. */
  readonly error: string | null;
  readonly answered: boolean;
}

/** `flotilla snapshot`: the members that are named store their state, so that their logs may be compacted. */
export function addSnapshotCommand(program: Command): void {
  program
    .command('snapshot')
    .description('let members store their state now, so that their logs may be compacted')
    .addOption(endpointsOption())
    .addOption(outputOption())
    .addOption(jsonOption())
    .option('--timeout-ms <ms>', 'how long that may take', '60000')
    .action(async ({ endpoints, output, timeoutMs }: SnapshotOptions) => {
      const limitMs = wholeNumber('--timeout-ms', timeoutMs, 1);
      const reports = await Promise.all(parseEndpoints(endpoints).map((endpoint) => takeSnapshot(endpoint, limitMs)));
      await (output === 'json' ? printJson(reports) : print(table(reports)));
      if (reports.some(({ answered }) => !answered)) process.exitCode = exitCodes.unavailable;
      else if (reports.some(({ error }) => error !== null)) process.exitCode = exitCodes.failure;
    });
}

async function takeSnapshot(endpoint: string, timeoutMs: number): Promise<Report> {
  try {
    const response = await fetch(`http://${endpoint}/v1/snapshot`, { method: 'POST', signal: AbortSignal.timeout(timeoutMs) });
    const body = (await response.json()) as Report['snapshot'] & { readonly error?: { readonly code: string; readonly message: string } };
    const error = body.error === undefined ? null : `${body.error.message} (${body.error.code})`;
    return { endpoint, snapshot: error === null ? body : null, error, answered: true };
  } catch {
    return { endpoint, snapshot: null, error: 'did not answer', answered: false };
  }
}

function table(reports: readonly Report[]): string {
  const rows = reports.map(({ endpoint, snapshot, error }) =>
    snapshot === null ? [endpoint, '-', '-', error ?? ''] : [endpoint, String(snapshot.index), String(snapshot.size), snapshot.id],
  );
  return formatTable(['CLIENTS', 'INDEX', 'BYTES', 'SNAPSHOT'], rows);
}
