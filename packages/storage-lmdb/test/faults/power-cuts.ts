import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DiskFault, shimEnvironment } from './disk-shim.ts';
import { readDiskTrace } from './disk-trace.ts';
import type { PowerCut } from './power-cut.ts';
import { runBatch } from './run-batch.ts';
import { diedOf, runProgram } from './run-program.ts';

export interface PowerCutOptions {
  /** `program.ts` as one file that Node can run; the run of the workload may be another one, with a defect. */
  readonly program: string;
  readonly recorded?: string;
  /** What is run: the workload of a store, where absent, or snapshots. */
  readonly workload?: 'run' | 'save-snapshots';
  /** `disk-shim.c`, compiled. */
  readonly library: string;
  /** Images of one run of the workload. */
  readonly images: number;
  readonly seed: number;
  /** How the disk failed during the run, if at all. */
  readonly fault?: DiskFault;
  /** Where the images go, best in memory; removed but for those that show a problem. */
  readonly scratch: string;
  readonly steps?: number;
  readonly jobs?: number;
}

export interface PowerCuts {
  readonly images: number;
  /** Steps that the run had acknowledged, and records of what it told the disk. */
  readonly steps: number;
  readonly records: number;
  readonly faults: number;
  /** By the number of the image. What a process died of that opened one counts as a problem. */
  readonly problems: readonly (PowerCut & { readonly image: number })[];
}

/** Records one run of the workload, and cuts its power again and again. */
export async function powerCuts(options: PowerCutOptions): Promise<PowerCuts> {
  const { program, recorded = program, workload = 'run', library, images, seed, fault, scratch, steps = 60, jobs = 1 } = options;
  mkdirSync(scratch, { recursive: true });
  const directory = mkdtempSync(join(scratch, 'run-'));
  const data = join(directory, 'data');
  mkdirSync(data);
  const trace = join(directory, 'trace');
  const run = await runProgram(recorded, [workload, data, `${seed}`, `${steps}`], { env: shimEnvironment(library, data, trace, fault) });
  const failed = diedOf(run) ?? (fault || run.lines.at(-1) === 'done' ? null : `the run did not get to its end: ${run.lines.at(-1)}`);
  if (failed !== null) throw new Error(`the run of the workload with seed ${seed} ${failed}`);
  const numbers = Array.from({ length: images }, (_, i) => i + 1);
  const parts = Array.from({ length: jobs }, (_, job) => numbers.filter((image) => image % jobs === job));
  const died = (_image: number, problem: string): PowerCut => ({ at: -1, acknowledged: { written: -1, applied: -1 }, problem });
  const args = [`cut-power-${workload}`, trace, `${seed}`, directory];
  const batches = await Promise.all(parts.map((part) => runBatch(program, args, part, died)));
  const cuts = batches.flatMap((batch) => [...batch].map(([image, cut]) => ({ image, ...cut })));
  const problems = cuts.filter(({ problem }) => problem !== null);
  const records = [...readDiskTrace(readFileSync(trace))];
  if (problems.length === 0) rmSync(directory, { recursive: true, force: true });
  return {
    images: cuts.length,
    steps: run.lines.filter((line) => line.startsWith('written')).length,
    records: records.length,
    faults: records.filter(({ kind }) => kind === 'fault').length,
    problems,
  };
}
