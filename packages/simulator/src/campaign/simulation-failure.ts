import { FlotillaError } from '@flotilla/core';
import { type RunSize, sizeOf } from '../repro/repro.ts';
import { counted, milliseconds } from '../timeline/plan-summary.ts';
import type { FailedReport } from './shrink-failure.ts';
import type { FailurePaths } from './write-failure.ts';

/** A simulation failed: which invariant did not hold, and how to see that again. Its code is `simulation_failed`. */
export class SimulationFailure extends FlotillaError {
  readonly seed: number;
  /** As in `election-safety`. */
  readonly invariant: string;
  /** Of the smallest plan that was found to fail. */
  readonly report: FailedReport;
  readonly paths: FailurePaths;

  constructor(found: FailedReport, smallest: FailedReport, paths: FailurePaths) {
    super('simulation_failed', describe(found, smallest, paths), smallest.failure.hint);
    this.name = 'SimulationFailure';
    this.seed = found.plan.seed;
    this.invariant = smallest.failure.invariant;
    this.report = smallest;
    this.paths = paths;
  }
}

export function isSimulationFailure(error: unknown): error is SimulationFailure {
  return error instanceof SimulationFailure;
}

function describe(found: FailedReport, smallest: FailedReport, { repro, text, page }: FailurePaths): string {
  const { machine, failure } = smallest;
  const seed = found.plan.seed;
  return [
    `${machine.name} fails with seed ${seed}: ${failure.invariant} at ${milliseconds(failure.atMs)} ms`,
    `  ${failure.message}`,
    `  ${failure.hint}`,
    shrinking(found, smallest),
    '  see it again:',
    `    FLOTILLA_REPRO=${repro} <the command of this test>   (this plan)`,
    `    FLOTILLA_SEED=${seed} <the command of this test>   or the option seed: ${seed} (what it was drawn from)`,
    `    npx flotilla simulate --repro ${repro} --machine <module>#<export>   (the export: { machine, workload })`,
    `  what happened: ${page}, ${text}`,
  ].join('\n');
}

function shrinking(found: FailedReport, smallest: FailedReport): string {
  const size = describeSize(sizeOf(smallest));
  return smallest === found ? `  not made smaller: ${size}` : `  from ${describeSize(sizeOf(found))} to ${size}`;
}

function describeSize({ faults, calls, members }: RunSize): string {
  return `${counted(faults, 'fault')}, ${counted(calls, 'call')}, ${counted(members, 'member')}`;
}
