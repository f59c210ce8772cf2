import { availableParallelism } from 'node:os';
import { checkProfile, type FaultKind, faultKinds, type PlanProfile } from '@flotilla/simulator';
import { usageError } from '../usage-error.ts';
import { wholeNumber } from '../whole-number.ts';

/** The command line, as it was written. */
export interface SimulateFlags {
  readonly machine?: string;
  readonly seeds: string;
  readonly first: string;
  readonly jobs?: string;
  readonly members?: string;
  readonly rate?: string;
  readonly duration?: string;
  readonly faults: string;
  readonly verifyDeterminism?: boolean;
  readonly shrink: boolean;
  readonly shrinkRunsMax: string;
  readonly failuresMax: string;
  readonly hangAfter: string;
  readonly directory: string;
  readonly repro?: string;
  readonly html?: string;
  readonly history?: string;
  readonly json?: boolean;
}

/** What every seed of a campaign has in common; plain data, as it goes to other processes. */
export interface SeedSettings {
  /** As given to `--machine`. */
  readonly machine: string;
  readonly profile: PlanProfile;
  readonly verifyDeterminism: boolean;
  readonly shrinkRunsMax: number;
  /** Where failures are written. */
  readonly directory: string;
}

export interface SimulateOptions {
  readonly seeds: SeedSettings;
  readonly first: number;
  readonly count: number;
  readonly jobs: number;
  /** So many seeds may fail; then no other is begun. */
  readonly failuresMax: number;
  /** A process that finishes no run for so long hangs, and its seed fails. */
  readonly hangAfterMs: number;
  /** A file whose plan is run, instead of seeds. */
  readonly repro: string | null;
  readonly html: string | null;
  readonly history: string | null;
  readonly json: boolean;
  /** What was said of the plan, as flags: part of the command that runs one of the seeds again. */
  readonly profileFlags: readonly string[];
}

export const defaultMachine = 'registers';

/** Reads the flags. Throws usage errors. */
export function simulateOptions(flags: SimulateFlags): SimulateOptions {
  const { html = null, history = null, repro = null, json = false } = flags;
  const count = wholeNumber('--seeds', flags.seeds, 1);
  if (count > 1 && repro === null && (html ?? history) !== null) {
    throw usageError(
      `--${html === null ? 'history' : 'html'} shows one run, and --seeds is ${count}`,
      'Add --seeds 1 --first <seed>, or --repro <file>.',
    );
  }
  return {
    seeds: {
      machine: flags.machine ?? defaultMachine,
      profile: profileOf(flags),
      verifyDeterminism: flags.verifyDeterminism ?? false,
      shrinkRunsMax: flags.shrink ? wholeNumber('--shrink-runs-max', flags.shrinkRunsMax) : 0,
      directory: flags.directory,
    },
    first: wholeNumber('--first', flags.first),
    count,
    jobs: flags.jobs === undefined ? availableParallelism() : wholeNumber('--jobs', flags.jobs, 1),
    failuresMax: wholeNumber('--failures-max', flags.failuresMax, 1),
    hangAfterMs: 1000 * wholeNumber('--hang-after', flags.hangAfter, 1),
    repro,
    html,
    history,
    json,
    profileFlags: profileFlags(flags),
  };
}

function profileOf({ members, rate, duration, faults }: SimulateFlags): PlanProfile {
  const profile: PlanProfile = {
    ...(members !== undefined && { members: wholeNumber('--members', members, 1) }),
    ...(rate !== undefined && { ratePerSecond: wholeNumber('--rate', rate, 1) }),
    ...(duration !== undefined && { durationMs: 1000 * wholeNumber('--duration', duration, 1) }),
    faults: faults === 'all' || faults === 'none' ? faults : parseFaults(faults),
  };
  checkProfile(profile);
  return profile;
}

function parseFaults(text: string): readonly FaultKind[] {
  const known = new Set<string>(faultKinds);
  const kinds = text.split(',').map((kind) => kind.trim());
  const unknown = kinds.find((kind) => !known.has(kind));
  if (unknown !== undefined)
    throw usageError(`--faults ${unknown} is no kind of fault`, `Write all, none, or some of ${faultKinds.join(', ')}.`);
  return kinds as readonly FaultKind[];
}

function profileFlags({ machine, members, rate, duration, faults }: SimulateFlags): readonly string[] {
  const given = { machine, members, rate, duration, faults: faults === 'all' ? undefined : faults };
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, value]));
}
