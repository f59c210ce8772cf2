import { drawPlan, type PlanProfile } from '../plan/draw-plan.ts';
import type { Repro } from '../repro/repro.ts';
import { reproError } from '../repro/repro-error.ts';
import { type FailedReport, hasFailed, shrinkFailure } from './shrink-failure.ts';
import { SimulationFailure } from './simulation-failure.ts';
import type { SimulationFiles } from './simulation-files.ts';
import { addTotals, noTotals, type Totals, totalsOf } from './totals.ts';
import type { RunTraced } from './verify-determinism.ts';
import { nameOf, writeFailure, writeTimelines } from './write-failure.ts';

/** How runs are made, and what is done about one that fails. */
export interface SeedSearch {
  readonly run: RunTraced;
  readonly files: SimulationFiles;
  readonly profile: PlanProfile;
  /** The most runs that are made to find a smaller plan; 0 for none. */
  readonly shrinkRunsMax: number;
}

/** Runs seed after seed. Throws a `SimulationFailure` for the first that fails, once its plan is as small as it gets. */
export async function searchSeeds(
  { first, count }: { readonly first: number; readonly count: number },
  search: SeedSearch,
): Promise<Totals> {
  let totals = noTotals;
  for (let seed = first; seed < first + count; seed++) {
    const report = await search.run(drawPlan(seed, search.profile));
    totals = addTotals(totals, totalsOf(report));
    if (hasFailed(report)) throw await shrunk(report, search);
  }
  return totals;
}

/** Runs the plan of a repro file. Throws a `SimulationFailure` where it fails, and `repro_machine` where it is of another machine. */
export async function runAgain(
  { path, repro }: { readonly path: string; readonly repro: Repro },
  machine: Repro['machine'],
  { run, files }: Pick<SeedSearch, 'run' | 'files'>,
): Promise<Totals> {
  checkMachine(repro, machine);
  const report = await run(repro.plan);
  if (hasFailed(report))
    throw new SimulationFailure(report, report, { repro: path, ...(await writeTimelines(files, nameOf(report), report)) });
  return totalsOf(report);
}

/** Throws `repro_machine` unless the repro is of this machine: in another one, its calls mean nothing. */
export function checkMachine({ machine: { name, version } }: Repro, machine: Repro['machine']): void {
  if (name === machine.name && version === machine.version) return;
  throw reproError(
    'repro_machine',
    `the repro is of machine "${name}", version ${version}, and this is "${machine.name}", version ${machine.version}`,
    'Run it with the machine that it was found in.',
  );
}

/** Writes the failure before it is made smaller, too: whoever runs the test may not wait for that. */
async function shrunk(found: FailedReport, { run, files, shrinkRunsMax }: SeedSearch): Promise<SimulationFailure> {
  await writeFailure(files, found, found);
  const smallest = await shrinkFailure(found, { run, runsMax: shrinkRunsMax });
  return new SimulationFailure(found, smallest, await writeFailure(files, found, smallest));
}
