import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DiskFault, shimEnvironment } from './disk-shim.ts';
import { readDiskTrace } from './disk-trace.ts';
import type { PowerCut } from './power-cut.ts';
import { diedOf, runProgram } from './run-program.ts';

export interface PowerCutOptions {
  /** `program.ts` as one file that Node can run; the run of the workload may be another one, with a defect. */
  readonly program: string;
  readonly recorded?: string;
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
  readonly problems: readonly PowerCut[];
}

/** Records one run of the workload, and cuts its power again and again. */
export async function powerCuts(options: PowerCutOptions): Promise<PowerCuts> {
  const { program, recorded = program, library, images, seed, fault, scratch, steps = 60, jobs = 1 } = options;
  mkdirSync(scratch, { recursive: true });
  const directory = mkdtempSync(join(scratch, 'run-'));
  const data = join(directory, 'data');
  mkdirSync(data);
  const trace = join(directory, 'trace');
  const run = await runProgram(recorded, ['run', data, `${seed}`, `${steps}`], { env: shimEnvironment(library, data, trace, fault) });
  const died = diedOf(run) ?? (fault || run.lines.at(-1) === 'done' ? null : `the run did not get to its end: ${run.lines.at(-1)}`);
  if (died !== null) throw new Error(`the run of the workload with seed ${seed} ${died}`);
  const numbers = Array.from({ length: images }, (_, i) => i + 1);
  const parts = Array.from({ length: jobs }, (_, job) => numbers.filter((image) => image % jobs === job));
  const cuts = (await Promise.all(parts.map((part) => cutAll(program, trace, seed, directory, part)))).flat();
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

/** A process that dies takes one image with it, which counts as a problem; another one goes on with the rest. */
async function cutAll(program: string, trace: string, seed: number, scratch: string, images: readonly number[]): Promise<PowerCut[]> {
  const cuts = new Map<number, PowerCut>();
  for (let left = images; left.length > 0; left = images.filter((image) => !cuts.has(image))) {
    const ended = await runProgram(program, ['cut-power', trace, `${seed}`, scratch, left.join(',')], { timeoutMs: 600_000 });
    const told = ended.lines.map((line) => JSON.parse(line) as PowerCut | { readonly begun: PowerCut });
    for (const line of told) if ('image' in line) cuts.set(line.image, line);
    const died = diedOf(ended);
    const last = told.at(-1);
    if (died === null) continue;
    if (!last || !('begun' in last)) throw new Error(`the process that cuts the power ${died}`);
    cuts.set(last.begun.image, { ...last.begun, problem: died });
  }
  return [...cuts.values()];
}
