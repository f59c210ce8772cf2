import type { Operation } from '../history/operation.ts';
import { DeadEnds } from './dead-ends.ts';
import { type Foresight, impossible, type Model, type ModelCall } from './model.ts';
import { OpenCalls } from './open-calls.ts';
import type { Timeline } from './timeline.ts';
import { type UncertainPath, UncertainPaths } from './uncertain-paths.ts';

/** What a search may cost: calls of {@link Model.step}, and situations that it remembers. */
export interface SearchLimits {
  readonly stepsMax: number;
  readonly rememberedMax: number;
}

export interface Searched {
  /** Null where the limits were reached first. */
  readonly linearizable: boolean | null;
  readonly steps: number;
  /** Where it is linearizable: one order in which the calls can have been carried out. */
  readonly order: () => readonly Operation[];
}

/**
 * Looks for an order of the calls that the model agrees with, and in which no call comes before one that had ended when it began.
 * (J. Wing, C. Gong, Testing and verifying concurrent objects, 1993; G. Lowe, Testing for linearizability, 2017.)
 */
export function search(model: Model, timeline: Timeline, limits: SearchLimits): Searched {
  if (timeline.sequential && timeline.uncertain.length === 0) return inTheirOrder(model, timeline);
  return new Search(model, timeline, limits).run();
}

/** Where no two calls overlap, there is one order. */
function inTheirOrder(model: Model, { certain, certainCalls }: Timeline): Searched {
  let state = model.init;
  let steps = 0;
  for (const call of certainCalls) {
    steps++;
    state = model.step(state, call);
    if (state === impossible) break;
  }
  return { linearizable: state !== impossible, steps, order: () => certain };
}

class Search {
  readonly #model: Model;
  readonly #timeline: Timeline;
  readonly #limits: SearchLimits;
  readonly #open: OpenCalls;
  readonly #deadEnds = new DeadEnds();
  readonly #foresight: Foresight<unknown> | undefined;
  /** 1 for each certain call that is put in order. */
  readonly #placed: Uint8Array;
  /** One bit for each uncertain call that is used. */
  #used = 0n;
  /** Where uncertain calls were resorted to, the innermost last: at which depth, and which of them are still to be tried. */
  readonly #resorts: { readonly depth: number; readonly paths: UncertainPaths }[] = [];
  #state: unknown;
  #left: number;
  /** The last certain call, by its beginning, that is put in order. */
  #furthest = -1;
  #steps = 0;
  /** The limits were reached where uncertain calls were tried. */
  #gaveUp = false;
  /** The order so far: certain calls by their numbers, uncertain ones counted on behind them. */
  readonly #order: Int32Array;
  readonly #statesBefore: unknown[] = [];
  readonly #furthestBefore: Int32Array;
  #depth = 0;

  constructor(model: Model, timeline: Timeline, limits: SearchLimits) {
    const { certain, certainCalls, uncertain } = timeline;
    this.#model = model;
    this.#timeline = timeline;
    this.#limits = limits;
    this.#open = new OpenCalls(certain);
    this.#foresight = model.foresight?.(certainCalls);
    this.#placed = new Uint8Array(certain.length);
    this.#order = new Int32Array(certain.length + uncertain.length);
    this.#furthestBefore = new Int32Array(this.#order.length);
    this.#state = model.init;
    this.#left = certain.length;
  }

  run(): Searched {
    const order = () => this.#orderSoFar();
    this.#placeReads();
    // Where to go on in the present situation: after this candidate.
    let tried = -1;
    while (this.#left > 0) {
      if (this.#isOverLimits()) return { linearizable: null, steps: this.#steps, order };
      if (this.#placeNext(tried)) {
        tried = -1;
        continue;
      }
      if (this.#gaveUp) return { linearizable: null, steps: this.#steps, order };
      this.#remember();
      tried = this.#takeBack();
      if (tried === -1) return { linearizable: false, steps: this.#steps, order };
    }
    return { linearizable: true, steps: this.#steps, order };
  }

  /**
   * Puts in order whatever can come next and changes nothing. There is nothing to choose here: what such calls were answered
   * holds now, and leaving them for later helps nobody.
   */
  #placeReads(): void {
    const { size } = this.#open;
    for (let entry = this.#open.first; entry < size; entry = this.#open.after(entry)) {
      const call = this.#timeline.certainCalls[entry] as ModelCall;
      if (!call.readOnly) continue;
      this.#steps++;
      if (this.#model.step(this.#state, call) !== impossible) this.#place(entry, this.#state);
    }
  }

  /** Puts the next candidate behind `tried` in order that leads somewhere; -1 begins with the first. False where there is none. */
  #placeNext(tried: number): boolean {
    const { size } = this.#open;
    let entry = tried === -1 ? this.#open.first : tried < size ? this.#open.after(tried) : size;
    for (; entry < size; entry = this.#open.after(entry)) {
      const call = this.#timeline.certainCalls[entry] as ModelCall;
      // Reads that fit are placed already.
      if (!call.readOnly && this.#tryCall(entry, call)) return true;
    }
    return this.#timeline.uncertain.length > 0 && this.#placeUncertain();
  }

  /**
   * Uncertain calls come last: most are never needed. All that are placed here are placed together, so that the next one is a
   * certain one again.
   */
  #placeUncertain(): boolean {
    const { size } = this.#open;
    if (this.#depth > 0 && (this.#order[this.#depth - 1] as number) >= size) return false;
    const { paths } = this.#resort();
    for (;;) {
      if (this.#isOverLimits()) {
        this.#gaveUp = true;
        return false;
      }
      const stepsBefore = paths.steps;
      const path = paths.next(this.#limits.stepsMax - this.#steps + 1);
      this.#steps += paths.steps - stepsBefore;
      if (path === null) {
        this.#gaveUp = this.#isOverLimits();
        break;
      }
      this.#placePath(path);
      this.#placeReads();
      if (!this.#isDeadEnd()) return true;
      this.#takeBack();
    }
    this.#resorts.pop();
    return false;
  }

  #resort(): { readonly paths: UncertainPaths } {
    const last = this.#resorts.at(-1);
    if (last?.depth === this.#depth) return last;
    const start = { state: this.#state, used: this.#used, firstEnd: this.#firstEnd() };
    const resort = { depth: this.#depth, paths: new UncertainPaths(this.#model, this.#timeline, this.#foresight, start) };
    this.#resorts.push(resort);
    return resort;
  }

  #placePath(path: UncertainPath): void {
    if (path.before !== null) this.#placePath(path.before);
    this.#place(this.#open.size + path.call, path.state);
  }

  #isOverLimits(): boolean {
    const remembered = this.#deadEnds.size + (this.#resorts.at(-1)?.paths.found ?? 0);
    return this.#steps > this.#limits.stepsMax || remembered > this.#limits.rememberedMax;
  }

  #tryCall(candidate: number, call: ModelCall): boolean {
    this.#steps++;
    const state = this.#model.step(this.#state, call);
    if (state === impossible) return false;
    const changes = this.#identity(state) !== this.#identity(this.#state);
    if (changes && this.#foresight?.allows(state) === false) return false;
    this.#place(candidate, state);
    this.#placeReads();
    if (!this.#isDeadEnd()) return true;
    this.#takeBack();
    return false;
  }

  #place(candidate: number, state: unknown): void {
    this.#order[this.#depth] = candidate;
    this.#statesBefore[this.#depth] = this.#state;
    this.#furthestBefore[this.#depth] = this.#furthest;
    this.#depth++;
    this.#state = state;
    const { size } = this.#open;
    if (candidate >= size) {
      this.#used ^= 1n << BigInt(candidate - size);
      return;
    }
    this.#open.take(candidate);
    this.#placed[candidate] = 1;
    this.#furthest = Math.max(this.#furthest, candidate);
    this.#left--;
  }

  /** Takes back the last choice and the reads behind it. The candidate that was chosen, or the first of them; -1 where nothing was. */
  #takeBack(): number {
    const { size } = this.#open;
    while (this.#depth > 0) {
      this.#depth--;
      const candidate = this.#order[this.#depth] as number;
      this.#state = this.#statesBefore[this.#depth];
      this.#furthest = this.#furthestBefore[this.#depth] as number;
      if (candidate >= size) {
        this.#used ^= 1n << BigInt(candidate - size);
        if (this.#depth === 0 || (this.#order[this.#depth - 1] as number) < size) return candidate;
        continue;
      }
      this.#open.giveBack(candidate);
      this.#placed[candidate] = 0;
      this.#left++;
      if (!this.#timeline.certainCalls[candidate]?.readOnly) return candidate;
    }
    return -1;
  }

  #isDeadEnd(): boolean {
    const place = this.#open.first;
    if (this.#left === 0 || this.#deadEnds.isNew(place)) return false;
    return this.#deadEnds.has(place, this.#ahead(place), this.#identity(this.#state), this.#used);
  }

  #remember(): void {
    const place = this.#open.first;
    this.#deadEnds.add(place, this.#ahead(place), this.#identity(this.#state), this.#used);
  }

  /** Which calls behind `place` are put in order: few, as they began before it ended. As a number where they fit into one. */
  #ahead(place: number): string | number {
    // The 1 in front tells apart how many there are.
    let bits = 1;
    let words = '';
    for (let i = place + 1; i <= this.#furthest; i++) {
      bits = bits * 2 + (this.#placed[i] as number);
      if ((i - place) % 50 === 0) {
        words += `${bits},`;
        bits = 1;
      }
    }
    return words === '' ? bits : words + bits;
  }

  #firstEnd(): number {
    const { size } = this.#open;
    let entry = this.#open.first;
    while (entry < size) entry = this.#open.after(entry);
    return (this.#timeline.certain[entry - size] as Operation).completeIndex;
  }

  #identity(state: unknown): unknown {
    return this.#model.identity === undefined ? state : this.#model.identity(state);
  }

  #orderSoFar(): readonly Operation[] {
    const { certain, uncertain } = this.#timeline;
    return Array.from(
      this.#order.subarray(0, this.#depth),
      (candidate) => (candidate < certain.length ? certain[candidate] : uncertain[candidate - certain.length]) as Operation,
    );
  }
}
