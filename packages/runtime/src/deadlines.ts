import type { Clock, Scheduler } from './ports.ts';

/** Something that waits and can be told that it waited too long, or that its caller no longer does. */
export interface Waiter {
  readonly deadline: number;
  fail(code: 'timeout' | 'aborted'): void;
}

/**
 * Ends what waits too long: one timer for all that looks around every `granularityMs` while anything waits, instead of
 * one timer for each call.
 */
export class Deadlines<T extends Waiter> {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #waiters = new Set<T>();
  #cancel: (() => void) | null = null;
  #stopped = false;

  constructor(clock: Clock, scheduler: Scheduler) {
    this.#clock = clock;
    this.#scheduler = scheduler;
  }

  get size(): number {
    return this.#waiters.size;
  }

  add(waiter: T): void {
    this.#waiters.add(waiter);
    this.#arm();
  }

  has(waiter: T): boolean {
    return this.#waiters.has(waiter);
  }

  delete(waiter: T): boolean {
    return this.#waiters.delete(waiter);
  }

  waiting(): readonly T[] {
    return [...this.#waiters];
  }

  /** Everything that waits, and an end to the looking around. */
  stop(): readonly T[] {
    this.#stopped = true;
    this.#cancel?.();
    return this.waiting();
  }

  #arm(): void {
    if (this.#cancel || this.#stopped || this.#waiters.size === 0) return;
    this.#cancel = this.#scheduler.after(granularityMs, () => {
      this.#cancel = null;
      const now = this.#clock.now();
      for (const waiter of this.#waiters) if (waiter.deadline <= now) waiter.fail('timeout');
      this.#arm();
    });
  }
}

const granularityMs = 50;
