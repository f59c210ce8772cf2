import type { SeededRandom } from '../engine/seeded-random.ts';

/** How a call appears in the history: the function, the key that it is about, and what it was given. */
export interface HistoryEntry {
  readonly f: string;
  readonly key: string;
  readonly value: unknown;
}

/** A call of a client to the machine. */
export type SimCall = {
  readonly name: string;
  readonly input: unknown;
  /** How the linearizability checker sees it; absent where there is no model to check it with. */
  readonly history?: HistoryEntry;
} & ({ readonly kind: 'command' } | { readonly kind: 'query'; readonly consistency: 'linearizable' | 'lease' | 'stale' });

/** What a call is drawn from. */
export interface CallDraw {
  /** Which client makes it, from 0. */
  readonly client: number;
  /** Unique among all calls of a run, ascending: writes that carry it can be told from each other in the log. */
  readonly serial: number;
  readonly random: SeededRandom;
}

/** What clients do: a pure function of what it is given, so that a run can be repeated, with all of its calls or some. */
export type Workload = (draw: CallDraw) => SimCall;
