import { SeededRandom } from '@flotilla/simulator';

/** Where and when a member kills itself, as `crash-points.mjs` reads it: `persist:after:37`. */
export type CrashAt = string;

/** Who is to die: a member by its number, or whoever leads then. */
export type Victim = number | 'leader';

/** What happens to the members in a round. */
export type Strike =
  /** Each dies at a point while it serves. */
  | { readonly kind: 'serving'; readonly crashes: readonly { readonly victim: Victim; readonly at: CrashAt }[] }
  /** A member is killed anywhere, and dies at a point while it starts again. */
  | { readonly kind: 'starting'; readonly victim: Victim; readonly at: CrashAt }
  /** A member is killed anywhere, stays away until the others have given up what it lacks, and dies while it catches up. */
  | { readonly kind: 'behind'; readonly victim: Victim; readonly at: CrashAt }
  /** All are killed at one moment, so many milliseconds after the round began. */
  | { readonly kind: 'everybody'; readonly afterMs: number };

/** Where the members of a cluster die. */
export interface CrashPlan {
  /** For each founder where it dies in its first start, null for one that does not. */
  readonly founding: readonly (CrashAt | null)[];
  /** One for each round. */
  readonly strikes: readonly Strike[];
}

interface Point {
  readonly name: string;
  readonly phases: readonly ('before' | 'during' | 'after')[];
  /** The most times that it is passed before it kills: what is reached seldom kills early. */
  readonly countMax: number;
}

const beforeAndAfter = ['before', 'after'] as const;
const allPhases = ['before', 'during', 'after'] as const;

/** What a member does while it serves. */
const whileServing: readonly Point[] = [
  { name: 'persist', phases: allPhases, countMax: 80 },
  { name: 'send', phases: beforeAndAfter, countMax: 160 },
  { name: 'apply', phases: beforeAndAfter, countMax: 80 },
  { name: 'state-commit', phases: beforeAndAfter, countMax: 80 },
  { name: 'state-flush', phases: allPhases, countMax: 20 },
  { name: 'snapshot-save', phases: allPhases, countMax: 2 },
  { name: 'snapshot-data', phases: beforeAndAfter, countMax: 2 },
  { name: 'snapshot-manifest', phases: beforeAndAfter, countMax: 2 },
  { name: 'compact', phases: allPhases, countMax: 2 },
];

/** What a member does when it starts again. */
const whileStarting: readonly Point[] = [
  { name: 'recover', phases: allPhases, countMax: 1 },
  { name: 'persist', phases: allPhases, countMax: 3 },
  { name: 'send', phases: beforeAndAfter, countMax: 3 },
  { name: 'apply', phases: beforeAndAfter, countMax: 3 },
  { name: 'state-commit', phases: beforeAndAfter, countMax: 2 },
  { name: 'state-flush', phases: allPhases, countMax: 1 },
];

/** What a member does when it gets a snapshot. */
const whileBehind: readonly Point[] = [
  { name: 'snapshot-receive', phases: allPhases, countMax: 1 },
  { name: 'snapshot-complete', phases: allPhases, countMax: 1 },
  { name: 'snapshot-data', phases: beforeAndAfter, countMax: 1 },
  { name: 'snapshot-manifest', phases: beforeAndAfter, countMax: 1 },
  { name: 'snapshot-load', phases: allPhases, countMax: 1 },
  { name: 'state-install', phases: allPhases, countMax: 1 },
  { name: 'compact', phases: allPhases, countMax: 1 },
];

/** What a member does when it starts for the first time. */
const whileFounding: readonly Point[] = [
  { name: 'origin', phases: beforeAndAfter, countMax: 1 },
  { name: 'identity', phases: beforeAndAfter, countMax: 2 },
  { name: 'recover', phases: beforeAndAfter, countMax: 1 },
  { name: 'peers', phases: beforeAndAfter, countMax: 2 },
  { name: 'founding', phases: allPhases, countMax: 1 },
  { name: 'persist', phases: allPhases, countMax: 2 },
];

/** What the seed decides about a cluster of `size` members. */
export function drawPlan(seed: number, rounds: number, size = 3): CrashPlan {
  const random = new SeededRandom(seed);
  const founding = drawFounding(random.fork('founding'), size);
  const drawn = random.fork('rounds');
  return { founding, strikes: Array.from({ length: rounds }, () => drawStrike(drawn, size)) };
}

function drawFounding(random: SeededRandom, size: number): readonly (CrashAt | null)[] {
  const everybody = random.chance(0.3);
  const one = random.integer(0, size - 1);
  return Array.from({ length: size }, (_, i) => (everybody || i === one ? drawPoint(random, whileFounding) : null));
}

function drawStrike(random: SeededRandom, size: number): Strike {
  const kind = random.next();
  if (kind < 0.1) return { kind: 'everybody', afterMs: random.integer(50, 400) };
  if (kind < 0.25) return { kind: 'starting', victim: drawVictim(random, size), at: drawPoint(random, whileStarting) };
  if (kind < 0.45) return { kind: 'behind', victim: drawVictim(random, size), at: drawPoint(random, whileBehind) };
  const first = drawVictim(random, size);
  const crashes = [{ victim: first, at: drawPoint(random, whileServing) }];
  if (kind > 0.8) crashes.push({ victim: drawVictim(random, size), at: drawPoint(random, whileServing) });
  return { kind: 'serving', crashes };
}

function drawVictim(random: SeededRandom, size: number): Victim {
  return random.chance(0.4) ? 'leader' : random.integer(1, size);
}

function drawPoint(random: SeededRandom, points: readonly Point[]): CrashAt {
  const { name, phases, countMax } = random.pick(points);
  return `${name}:${random.pick(phases)}:${random.integer(1, countMax)}`;
}
