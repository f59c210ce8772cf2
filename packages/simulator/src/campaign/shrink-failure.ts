import type { Plan } from '../plan/plan.ts';
import type { RunFailure, RunReport } from '../run/run-report.ts';
import { type Outcome, shrinkPlan } from '../shrink/shrink-plan.ts';

/** The report of a run that failed. */
export type FailedReport = RunReport & { readonly failure: RunFailure };

export interface ShrinkFailureOptions {
  /** Runs a plan. */
  readonly run: (plan: Plan) => Promise<RunReport>;
  /** The most runs; with 0 the report stays as it is. */
  readonly runsMax: number;
  /** Told of every run, with the smallest plan so far. */
  readonly onRun?: (runs: number, smallest: Plan) => void;
}

/** The report of the smallest plan that was found to break the same invariant; the given one where none is smaller. */
export async function shrinkFailure(found: FailedReport, { run, runsMax, onRun }: ShrinkFailureOptions): Promise<FailedReport> {
  let runs = 0;
  let smallest = found;
  let latest = found;
  await shrinkPlan(found.plan, outcomeOf(found), {
    runsMax,
    run: async (plan) => {
      const report = await run(plan);
      onRun?.(++runs, smallest.plan);
      if (!hasFailed(report)) return null;
      latest = report;
      return outcomeOf(report);
    },
    onProgress: () => {
      smallest = latest;
    },
  });
  return smallest;
}

export function hasFailed(report: RunReport): report is FailedReport {
  return report.failure !== null;
}

function outcomeOf({ failure, lastCall }: FailedReport): Outcome {
  return { invariant: failure.invariant, atMs: failure.atMs, lastCall };
}
