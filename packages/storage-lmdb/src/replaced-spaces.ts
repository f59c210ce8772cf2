import type { GroupId } from '@flotilla/core';
import type { Environment } from './environment.ts';
import { generationStart } from './space-keys.ts';

/** How many pairs one transaction removes: what a write that comes meanwhile may have to wait for. */
const removedMax = 1_000;

interface Generations {
  readonly group: GroupId;
  readonly from: number;
  /** The first that is to stay. */
  readonly to: number;
}

/**
 * Removes the pairs of spaces that were replaced or never got complete, a slice at a time behind the writes. A group's state names
 * the generation that counts, so that a crash loses nothing: the rest is removed when the group is looked at again.
 */
export class ReplacedSpaces {
  readonly #environment: Environment;
  /** A few for each group: one for each time that its space was replaced meanwhile. */
  readonly #wanted: Generations[] = [];
  #running = false;
  #stopped = false;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Removes what the group has of the generations from `from` on and before `to`, sooner or later. Nobody writes them any more. */
  remove(group: GroupId, from: number, to: number): void {
    if (from < to) this.#wanted.push({ group, from, to });
    // A failed commit is reported to whoever writes next.
    if (!this.#running) this.#run().catch(() => {});
  }

  /** Begins no further slice. */
  stop(): void {
    this.#stopped = true;
  }

  async #run(): Promise<void> {
    this.#running = true;
    try {
      for (let [next] = this.#wanted; next !== undefined && !this.#stopped; [next] = this.#wanted) {
        const isDone = await this.#removeSlice(next);
        if (isDone) this.#wanted.shift();
      }
    } finally {
      this.#running = false;
    }
  }

  /** Whether it was the last one. */
  async #removeSlice({ group, from, to }: Generations): Promise<boolean> {
    this.#environment.assertUsable();
    const { db } = this.#environment;
    const keys = [...db.getKeys({ start: generationStart(group, from), end: generationStart(group, to), limit: removedMax })];
    if (keys.length === 0) return true;
    await this.#environment.commit(0, () => {
      for (const key of keys) db.remove(key);
    });
    return keys.length < removedMax;
  }
}
