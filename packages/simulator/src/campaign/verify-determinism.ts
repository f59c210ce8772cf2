import type { Plan } from '../plan/plan.ts';
import type { RunReport } from '../run/run-report.ts';
import { firstDifference } from './first-difference.ts';

/** Runs a plan; with `keepTrace` the report has every line of the trace. */
export type RunTraced = (plan: Plan, options?: { readonly keepTrace?: boolean }) => Promise<RunReport>;

/** How often two runs are compared line by line before it is left at their hashes. */
const comparisonsMax = 3;

/** Runs a plan once more. Returns null where it gave the same, or says in which event it differed. */
export async function verifyDeterminism(run: RunTraced, { plan, traceHash }: RunReport): Promise<string | null> {
  const again = await run(plan);
  if (again.traceHash === traceHash) return null;
  // Only now are the lines worth their memory; what differed once may need some runs to do so again.
  for (let tried = 0; tried < comparisonsMax; tried++) {
    const [one, other] = [await run(plan, { keepTrace: true }), await run(plan, { keepTrace: true })];
    const difference = firstDifference(one.trace ?? [], other.trace ?? []);
    if (difference !== null) return difference;
  }
  return `the trace was ${traceHash} in one run and ${again.traceHash} in the next, but ${comparisonsMax} more pairs of runs were equal`;
}
