import type { Clock, Scheduler } from '@flotilla/runtime';

interface Task {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock and a scheduler whose time passes only when a test lets it. */
export class VirtualTime implements Clock, Scheduler {
  #now = 0;
  #order = 0;
  #standStillMs = 0;
  #tasks: Task[] = [];

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    const wallTime = 1_700_000_000_000 + this.#now;
    this.#now += this.#standStillMs;
    this.#standStillMs = 0;
    return wallTime;
  }

  /** The process that makes the next decision has looked at its clock, and then stands still for so long. */
  standStillInNextDecision(ms: number): void {
    this.#standStillMs = ms;
  }

  /** Somebody works for so long, and nothing else happens meanwhile. */
  spend(ms: number): void {
    this.#now += ms;
  }

  nextTurn(run: () => void): void {
    this.after(0, run);
  }

  after(delayMs: number, run: () => void): () => void {
    const task = { at: this.#now + delayMs, order: this.#order++, run };
    this.#tasks.push(task);
    return () => {
      this.#tasks = this.#tasks.filter((other) => other !== task);
    };
  }

  /** Runs tasks in the order of their times until `condition` holds. Fails where `limitMs` pass before. */
  async until(what: string, condition: () => boolean, limitMs = 60_000): Promise<void> {
    const end = this.#now + limitMs;
    await settle();
    while (!condition()) {
      const next = this.#tasks.reduce<Task | undefined>((first, task) => (first && earlier(first, task) ? first : task), undefined);
      // Nothing waits for its time, so whatever is under way waits for promises only, and may for many in a row.
      if (!next && this.#tasks.length === 0 && (await this.#settleLong(condition))) return;
      if (!next && this.#tasks.length > 0) continue;
      if (!next || next.at > end) throw new Error(`${what}: did not come true by ${this.#now} ms`);
      this.#tasks = this.#tasks.filter((task) => task !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
      await settle();
    }
  }

  async #settleLong(condition: () => boolean): Promise<boolean> {
    for (let i = 0; i < 100 && this.#tasks.length === 0 && !condition(); i++) await settle();
    return condition();
  }

  /** Lets `ms` pass. */
  async pass(ms: number): Promise<void> {
    let over = false;
    this.after(ms, () => {
      over = true;
    });
    await this.until(`${ms} ms pass`, () => over, ms);
  }
}

function earlier(a: Task, b: Task): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Lets promises that are already resolved have their effects. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
