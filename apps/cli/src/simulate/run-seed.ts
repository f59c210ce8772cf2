import { setImmediate } from 'node:timers/promises';
import {
  addTotals,
  drawPlan,
  filesIn,
  hasFailed,
  type RunTraced,
  runPlan,
  type Subject,
  shrinkFailure,
  sizeOf,
  totalsOf,
  verifyDeterminism,
  writeFailure,
} from '@flotilla/simulator';
import type { SeedFailure, SeedResult } from './seed-result.ts';
import type { SeedSettings } from './simulate-options.ts';

/** Runs a seed to its end; where it fails, looks for a smaller plan and writes both. `onRun` is told of each run that is over. */
export async function runSeed(seed: number, subject: Subject, settings: SeedSettings, onRun: () => void = () => {}): Promise<SeedResult> {
  const run: RunTraced = async (plan, options) => {
    // A run never waits for the real world, so that nothing else gets its turn before it is over.
    await setImmediate();
    const report = await runPlan(plan, subject, options);
    onRun();
    return report;
  };
  const began = cpuMs();
  const report = await run(drawPlan(seed, settings.profile));
  const { simulatedMs, plan, traceHash } = report;
  let totals = totalsOf(report);
  let failure: SeedFailure | null = null;
  let difference: string | null = null;
  if (settings.verifyDeterminism) {
    difference = await verifyDeterminism(run, report);
    totals = addTotals(totals, totals);
    if (difference !== null) failure = { ...undetermined(difference, simulatedMs), paths: null, from: sizeOf(report), to: null };
  }
  const ran = cpuMs();
  if (hasFailed(report)) {
    const files = filesIn(settings.directory);
    await writeFailure(files, report, report);
    const smallest = await shrinkFailure(report, { run, runsMax: settings.shrinkRunsMax });
    const paths = await writeFailure(files, report, smallest);
    const hint =
      difference === null ? smallest.failure.hint : `${smallest.failure.hint} Besides, two runs of the seed differ: ${difference}`;
    failure = { ...smallest.failure, hint, paths, from: sizeOf(report), to: smallest === report ? null : sizeOf(smallest) };
  }
  return { seed: plan.seed, totals, traceHash, failure, cpuMs: ran - began, shrinkCpuMs: cpuMs() - ran };
}

function undetermined(difference: string, atMs: number) {
  return {
    invariant: 'reproducibility',
    message: `two runs of one plan differ: ${difference}`,
    hint: 'Something in it depends on more than the seed: a clock, a random number, the order of a set, or what an earlier run left behind.',
    atMs,
  };
}

/** Of this process, since it began. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
