import type { ClientTime } from '@flotilla/client';

interface Timer {
  readonly at: number;
  readonly run: () => void;
  readonly background: boolean;
}

/** Time that passes only when a test lets it. */
export class VirtualTime implements ClientTime {
  #now = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void, background = false): () => void {
    const timer = { at: this.#now + delayMs, run, background };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** How many timers wait that keep a program running. */
  get waitingInForeground(): number {
    return [...this.#timers].filter(({ background }) => !background).length;
  }

  /** Lets `ms` pass, and everything happen that is due. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (let next = this.#first(end); next !== null; next = this.#first(end)) {
      this.#timers.delete(next);
      this.#now = next.at;
      next.run();
      await settled();
    }
    this.#now = end;
  }

  #first(end: number): Timer | null {
    let first: Timer | null = null;
    for (const timer of this.#timers) if (timer.at <= end && (first === null || timer.at < first.at)) first = timer;
    return first;
  }
}

/** Lets promises that are already resolved have their effects. */
async function settled(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve();
}
