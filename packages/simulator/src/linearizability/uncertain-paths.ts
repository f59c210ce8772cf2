import { type Foresight, impossible, type Model, type ModelCall } from './model.ts';
import type { Timeline } from './timeline.ts';

/** Uncertain calls, carried out one after another. */
export interface UncertainPath {
  readonly state: unknown;
  /** A bit for each uncertain call that is used, by this path or before it. */
  readonly used: bigint;
  /** The call that ends it. */
  readonly call: number;
  readonly before: UncertainPath | null;
}

export interface UncertainPathsStart {
  readonly state: unknown;
  readonly used: bigint;
  /** Calls that begin after this position cannot come yet. */
  readonly firstEnd: number;
}

/**
 * The states to which uncertain calls can lead from a situation, the fewest calls first. A state that fewer of the same calls lead to
 * is not given again: whatever is possible there was possible before. They are found as they are asked for.
 */
export class UncertainPaths {
  readonly #model: Model;
  readonly #calls: readonly ModelCall[];
  readonly #twins: readonly number[];
  readonly #foresight: Foresight<unknown> | undefined;
  readonly #candidates: readonly number[];
  readonly #found: UncertainPath[];
  readonly #usedFor = new Map<unknown, bigint[]>();
  /** The path that is being continued, and with which candidate next. */
  #path = 0;
  #candidate = 0;
  #steps = 0;

  constructor(model: Model, timeline: Timeline, foresight: Foresight<unknown> | undefined, { state, used, firstEnd }: UncertainPathsStart) {
    this.#model = model;
    this.#calls = timeline.uncertainCalls;
    this.#twins = timeline.twins;
    this.#foresight = foresight;
    const begun = timeline.uncertain.findIndex(({ invokeIndex }) => invokeIndex > firstEnd);
    const count = begun === -1 ? timeline.uncertain.length : begun;
    this.#candidates = Array.from({ length: count }, (_, call) => call).filter((call) => !has(used, call));
    this.#found = [{ state, used, call: -1, before: null }];
    this.#usedFor.set(this.#identity(state), [used]);
  }

  get found(): number {
    return this.#found.length;
  }

  get steps(): number {
    return this.#steps;
  }

  /** The next path; null where there is none, or none within this many steps more. */
  next(stepsMax: number): UncertainPath | null {
    const limit = this.#steps + stepsMax;
    for (; this.#path < this.#found.length; this.#path++) {
      const path = this.#found[this.#path] as UncertainPath;
      while (this.#candidate < this.#candidates.length) {
        if (this.#steps >= limit) return null;
        const longer = this.#continued(path, this.#candidates[this.#candidate++] as number);
        if (longer === null) continue;
        this.#found.push(longer);
        return longer;
      }
      this.#candidate = 0;
    }
    return null;
  }

  #continued(path: UncertainPath, call: number): UncertainPath | null {
    this.#steps++;
    const twin = this.#twins[call] as number;
    if (has(path.used, call) || (twin !== -1 && !has(path.used, twin))) return null;
    const state = this.#model.step(path.state, this.#calls[call] as ModelCall);
    if (state === impossible || this.#foresight?.allows(state) === false) return null;
    const used = path.used | (1n << BigInt(call));
    const others = this.#usedFor.get(this.#identity(state));
    if (others?.some((other) => (other & used) === other)) return null;
    if (others === undefined) this.#usedFor.set(this.#identity(state), [used]);
    else others.push(used);
    return { state, used, call, before: path.call === -1 ? null : path };
  }

  #identity(state: unknown): unknown {
    return this.#model.identity === undefined ? state : this.#model.identity(state);
  }
}

function has(used: bigint, call: number): boolean {
  return (used & (1n << BigInt(call))) !== 0n;
}
