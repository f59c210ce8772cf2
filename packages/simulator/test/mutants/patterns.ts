import type { SeededRandom } from '../../src/engine/seeded-random.ts';
import type { Fault } from '../../src/plan/fault.ts';

/** Faults that belong together, from `at` on: `slots` are all hosts in an order that is drawn anew each time. */
export type Pattern = (at: number, slots: readonly number[], random: SeededRandom) => readonly Fault[];

/** The clock of the first is as slow, and those of the others are as fast, as leases allow for, while it is cut off. */
export const slowAndFrozenOut: Pattern = (at, slots, random) => [
  ...slots.map((slot, i): Fault => ({ at: Math.round(at), kind: 'clock-drift', slot, rate: i === 0 ? 0.955 : 1.045, forMs: 600 })),
  ...everyWayOf(at + 5, slots, random.between(330, 500)),
];

/** The first and the second do not hear each other; a little later the first does not hear the third either. */
export const betrayed: Pattern = (at, [first = 0, second = 0, third = 0], random) => [
  freeze(at, first, second, 450),
  freeze(at, second, first, 450),
  freeze(at + random.between(60, 180), third, first, 300),
];

/** Leadership goes to the second one, and what it and the third say reaches the first later. */
export const handedOverUnheard: Pattern = (at, [first = 0, second = 0, third = 0], random) => [
  { at: Math.round(at), kind: 'transfer', slot: second },
  freeze(at - random.between(0, 20), third, first, random.between(60, 120)),
  freeze(at + random.between(0, 4), second, first, 150),
];

/** Leadership goes to the third one, which the first two do not hear. */
export const handedOverToSome: Pattern = (at, [first = 0, second = 0, third = 0], random) => [
  freeze(at, third, second, 250),
  { at: Math.round(at), kind: 'transfer', slot: third },
  freeze(at + random.between(1, 12), third, first, 250),
];

/** The first is cut off long enough to be replaced; when it is back, the second is cut off, which may have replaced it. */
export const frozenOutInTurn: Pattern = (at, slots, random) => {
  const turn = at + random.between(200, 350);
  const [first = 0, second = 0, ...others] = slots;
  return [...everyWayOf(at, slots, turn - at + 5), ...everyWayOf(turn, [second, first, ...others], random.between(200, 500))];
};

/** A member is replaced, and the first is cut off meanwhile. */
export const frozenOutWhileReplaced: Pattern = (at, slots, random) => [
  { at: Math.round(at), kind: 'replace', slot: slots.at(-1) ?? 0 },
  ...everyWayOf(at + random.between(0, 300), slots, 350),
];

function everyWayOf(at: number, [one = 0, ...others]: readonly number[], forMs: number): readonly Fault[] {
  return others.flatMap((other) => [freeze(at, one, other, forMs), freeze(at, other, one, forMs)]);
}

function freeze(at: number, from: number, to: number, forMs: number): Fault {
  return { at: Math.max(0, Math.round(at)), kind: 'freeze', from, to, forMs: Math.round(forMs) };
}
