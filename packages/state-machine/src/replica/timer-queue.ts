import type { FiredTimer } from '../contract.ts';
import type { StateSpace } from '../space/state-space.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import { RecordTable, type StoredRecords } from './record-table.ts';

/** How many timers a group has at most. */
export const timersMax = 100_000;

/** How many timers fire with one entry at most. The others fire with the next. */
const firedPerEntryMax = 256;

/** A timer of the machine. */
export interface Timer extends FiredTimer {
  /** What it does, as `encodeCommand` wrote it. */
  readonly command: Uint8Array;
  /** The version of the machine that scheduled it. */
  readonly version: number;
}

/** The timers of a group, by log time. */
export class TimerQueue {
  readonly #timers: RecordTable<string, Timer>;
  readonly #deadlines = new DeadlineHeap<string, Timer>((timer) => this.#timers.get(timer.id) === timer);

  constructor(tracksChanges: boolean) {
    this.#timers = new RecordTable<string, Timer>('timers', { write: writeTimer, read: readTimer }, tracksChanges);
  }

  get records(): StoredRecords {
    return this.#timers;
  }

  /** How many more there may be. */
  get room(): number {
    return timersMax - this.#timers.size;
  }

  /** The earliest log time at which a timer is due; null where there is none. */
  get dueAt(): number | null {
    return this.#deadlines.first()?.at ?? null;
  }

  load(space: StateSpace): void {
    this.#timers.load(space);
    for (const timer of this.#timers.values()) this.#deadlines.add(timer, this.#timers.size);
  }

  /** Replaces the timer of that id. */
  schedule(timer: Timer): void {
    this.#timers.set(timer.id, timer);
    this.#deadlines.add(timer, this.#timers.size);
  }

  cancel(id: string): void {
    this.#timers.delete(id);
  }

  /**
   * Takes the timers that are due by now, in the order in which they fire, one as it is asked for: one that fires may cancel or replace
   * those behind it. What is scheduled meanwhile waits for the next entry, even if it is due: a timer that schedules itself without
   * delay does not keep an entry from ending.
   */
  *takeDue(time: number): Generator<Timer, void, void> {
    const due: Timer[] = [];
    for (let timer = this.#deadlines.first(); timer !== undefined && timer.at <= time; timer = this.#deadlines.first()) {
      if (due.length === firedPerEntryMax) break;
      due.push(timer);
      this.#deadlines.takeFirst();
    }
    let taken = 0;
    try {
      for (const timer of due) {
        taken++;
        if (this.#timers.get(timer.id) !== timer) continue;
        this.#timers.delete(timer.id);
        yield timer;
      }
    } finally {
      // Whoever has enough leaves the others for the next entry.
      for (const timer of due.slice(taken)) this.#deadlines.add(timer, this.#timers.size);
    }
  }
}

function writeTimer({ at, version, command }: Timer): unknown {
  return [at, version, command];
}

function readTimer(id: string, written: unknown): Timer {
  const [at, version, command] = written as readonly [number, number, Uint8Array];
  return { id, at, version, command };
}
