import type { SeededRandom } from '../engine/seeded-random.ts';
import type { Fault, FaultKind } from './fault.ts';

export type FaultFamily = 'process' | 'clock' | 'network' | 'disk' | 'operator';

/** Which faults go together: a seed has a family, or has nothing of it. */
export const faultFamilies: { readonly [F in FaultFamily]: readonly FaultKind[] } = {
  process: ['crash', 'power-cut', 'power-cut-all', 'pause'],
  clock: ['clock-jump', 'clock-drift'],
  network: ['partition', 'isolate', 'black-hole', 'cut', 'one-way-cut', 'freeze', 'slow-link', 'lossy', 'reset', 'client-cut'],
  disk: [
    'disk-slow',
    'disk-stall',
    'disk-full',
    'write-error',
    'sync-error',
    'bit-rot',
    'misdirected-write',
    'torn-write',
    'roll-back',
    'wipe',
  ],
  operator: ['snapshot', 'transfer', 'replace', 'upgrade'],
};

export interface Scene {
  readonly members: number;
  readonly clients: number;
  readonly durationMs: number;
}

type Draw = (random: SeededRandom, scene: Scene) => object;

const onHost: Draw = (random, { members }) => ({ slot: random.integer(0, members - 1) });
/** From shorter than a heartbeat to several election timeouts. */
const forMs = (random: SeededRandom) => ({ forMs: Math.round(random.pick([50, 300, 1500, 4000]) * random.between(0.5, 1.5)) });
const hostFor: Draw = (random, scene) => ({ ...onHost(random, scene), ...forMs(random) });
const between: Draw = (random, { members }) => {
  const from = random.integer(0, members - 1);
  return { from, to: (from + random.integer(1, Math.max(1, members - 1))) % members, ...forMs(random) };
};

const details: { readonly [K in FaultKind]: Draw } = {
  crash: hostFor,
  'power-cut': hostFor,
  'power-cut-all': forMs,
  pause: hostFor,
  'clock-jump': (random, scene) => ({ ...onHost(random, scene), byMs: Math.round(random.between(-60_000, 60_000)) }),
  // Within the ten percent that leases allow for: half of that for each clock.
  'clock-drift': (random, scene) => ({ ...hostFor(random, scene), rate: random.between(0.96, 1.04) }),
  partition: (random, { members }) => {
    const shuffled = random.shuffle(Array.from({ length: members }, (_, slot) => slot));
    const cut = random.integer(1, Math.max(1, members - 1));
    return { sides: [shuffled.slice(0, cut), shuffled.slice(cut)], ...forMs(random) };
  },
  isolate: hostFor,
  'black-hole': hostFor,
  cut: between,
  'one-way-cut': between,
  freeze: between,
  'slow-link': (random, scene) => ({
    ...between(random, scene),
    delayMs: random.pick([5, 50, 500]),
    bytesPerMs: random.pick([1, 20, 1000]),
  }),
  lossy: (random) => ({
    loss: random.pick([0.01, 0.1, 0.4]),
    duplicate: random.pick([0, 0.1]),
    reorder: random.pick([0, 0.2]),
    ...forMs(random),
  }),
  reset: onHost,
  'client-cut': (random, scene) => ({ ...hostFor(random, scene), client: random.integer(0, scene.clients - 1) }),
  'disk-slow': (random, scene) => ({ ...hostFor(random, scene), factor: random.pick([5, 50]) }),
  'disk-stall': hostFor,
  'disk-full': hostFor,
  'write-error': onHost,
  'sync-error': onHost,
  'bit-rot': onHost,
  'misdirected-write': onHost,
  'torn-write': onHost,
  'roll-back': onHost,
  wipe: onHost,
  snapshot: onHost,
  transfer: onHost,
  replace: onHost,
  upgrade: (random, scene) => ({ ...onHost(random, scene), build: random.integer(0, 1) }),
};

/** A fault of this kind, as bad as chance has it. */
export function drawFault(kind: FaultKind, at: number, random: SeededRandom, scene: Scene): Fault {
  // The table has for every kind what that kind consists of.
  return { at: Math.round(at), kind, ...details[kind](random, scene) } as Fault;
}
