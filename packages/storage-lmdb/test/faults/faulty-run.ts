import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DiskFault, shimEnvironment } from './disk-shim.ts';
import { readDiskTrace } from './disk-trace.ts';
import { whatIsWrong, wrongWithSnapshots } from './power-cut.ts';
import type { RunFailure } from './program.ts';
import { diedOf, runProgram } from './run-program.ts';

/** How a run of the workload went on a disk that fails. */
export interface FaultyRun {
  /** How many calls were hit. */
  readonly faults: number;
  /** How the process died, where it did, or hung. */
  readonly died: string | null;
  /** Null where the run got to its end. */
  readonly failure: RunFailure | null;
  /** The last step that was acknowledged. */
  readonly written: number;
  /** What was lost or wrong when the store was opened again on a disk that works, and went on; null where nothing was. */
  readonly problem: string | null;
}

export interface FaultyRunOptions {
  readonly fault: DiskFault;
  readonly seed: number;
  readonly steps: number;
  /** What is run: the workload of a store, where absent, or snapshots. */
  readonly workload?: 'run' | 'save-snapshots';
}

export async function faultyRun(
  { program, library, scratch }: { readonly program: string; readonly library: string; readonly scratch: string },
  { fault, seed, steps, workload = 'run' }: FaultyRunOptions,
): Promise<FaultyRun> {
  const directory = mkdtempSync(join(scratch, 'fault-'));
  const data = join(directory, 'data');
  mkdirSync(data);
  const trace = join(directory, 'trace');
  const env = shimEnvironment(library, data, trace, fault);
  const run = await runProgram(program, [workload, data, `${seed}`, `${steps}`], { env, timeoutMs: 30_000 });
  const last = (what: string) => run.lines.findLast((line) => line.startsWith(`${what} `))?.slice(what.length + 1);
  const acknowledged = { written: Number(last('written') ?? 0), applied: Number(last('applied') ?? 0) };
  const failure = last('failed');
  const records = [...readDiskTrace(readFileSync(trace))];
  const problem = await (workload === 'run' ? whatIsWrong : wrongWithSnapshots)(data, seed, acknowledged);
  if (problem === null) rmSync(directory, { recursive: true, force: true });
  return {
    faults: records.filter(({ kind }) => kind === 'fault').length,
    died: diedOf(run),
    failure: failure === undefined ? null : JSON.parse(failure),
    written: acknowledged.written,
    problem,
  };
}
