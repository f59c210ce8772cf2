import { FlotillaError } from '@flotilla/core';
import type { AnyMachineDefinition } from '@flotilla/state-machine';
import { runAgain, type SeedSearch, searchSeeds } from './campaign/search-seeds.ts';
import { filesIn, type SimulationFiles } from './campaign/simulation-files.ts';
import type { Totals } from './campaign/totals.ts';
import { checkSeeds } from './plan/check-profile.ts';
import type { PlanProfile } from './plan/draw-plan.ts';
import { parseRepro } from './repro/repro.ts';
import { runPlan } from './run/run-plan.ts';
import type { Subject } from './run/subject.ts';

/** What is simulated, besides the machine: what clients do with it, for how long, and what goes wrong meanwhile. */
export interface SimulateOptions extends PlanProfile, Omit<Subject, 'machine'> {
  /** The first seed. Default 1; `FLOTILLA_SEED` in the environment comes first, and means that seed alone. */
  readonly seed?: number;
  /** How many seeds are run, one after the other. Default 1; `FLOTILLA_SEEDS` comes first. */
  readonly seeds?: number;
  /** The most runs that are made to find a smaller plan that fails. Default 100; 0 for none. */
  readonly shrinkRunsMax?: number;
  /** Where failures are written. Default `simulation-failures` in the working directory. */
  readonly reproDirectory?: string;
  /** In place of that directory. */
  readonly files?: SimulationFiles;
  /** In place of the process's own. */
  readonly environment?: { readonly [name: string]: string | undefined };
}

/**
 * Simulates a cluster that runs `machine`, for a test: resolves with what was run, or throws a `SimulationFailure` that says what
 * did not hold and how to see it again. The same seed is the same run, everywhere.
 *
 * With a path in `FLOTILLA_REPRO`, the plan in that file is run instead. Throws `config_invalid` for an environment that cannot be
 * understood, and the errors of a repro file.
 */
export async function simulate(machine: AnyMachineDefinition, options: SimulateOptions): Promise<Totals> {
  const { environment = process.env, reproDirectory = 'simulation-failures', files = filesIn(reproDirectory) } = options;
  const subject: Subject = { ...options, machine };
  const search: SeedSearch = {
    run: (plan, runOptions) => runPlan(plan, subject, runOptions),
    files,
    profile: options,
    shrinkRunsMax: options.shrinkRunsMax ?? 100,
  };
  const path = environment.FLOTILLA_REPRO;
  if (path) return runAgain({ path, repro: parseRepro(await files.read(path)) }, machine, search);
  return searchSeeds(seedsOf(options, environment), search);
}

function seedsOf({ seed = 1, seeds = 1 }: SimulateOptions, environment: NonNullable<SimulateOptions['environment']>) {
  const chosen = fromEnvironment(environment, 'FLOTILLA_SEED', Number.MIN_SAFE_INTEGER);
  const counted = fromEnvironment(environment, 'FLOTILLA_SEEDS', 1);
  const asked = { first: chosen ?? seed, count: counted ?? (chosen === null ? seeds : 1) };
  checkSeeds(asked.first, asked.count);
  return asked;
}

function fromEnvironment(environment: NonNullable<SimulateOptions['environment']>, name: string, least: number): number | null {
  const text = environment[name];
  if (text === undefined || text.trim() === '') return null;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new FlotillaError('config_invalid', `${name} is "${text}"`, `Set ${name} to a whole number.`);
}
