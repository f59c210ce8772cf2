import type { GroupId, Index } from '@flotilla/core';
import type { ArchivedHistory } from './archived-history.ts';
import type { Environment } from './environment.ts';
import { indexKey, indexOf, setIndex } from './keys.ts';

/** How many entries one transaction removes: what a write that comes meanwhile may have to wait for. */
const removedMax = 1_000;

/**
 * Removes entries that lie before the beginning of their log, a slice at a time behind the writes.
 *
 * The base record is what counts: entries at or before its index are in no log any more, whether they are still in the
 * file or not. So a crash loses nothing, and the rest is removed when the group is recovered. With an archive, they are there before
 * they are removed here.
 */
export class CompactedEntries {
  readonly #environment: Environment;
  readonly #history: ArchivedHistory | null;
  /** For each group the last entry that is to go. */
  readonly #wanted = new Map<GroupId, Index>();
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(environment: Environment, history: ArchivedHistory | null) {
    this.#environment = environment;
    this.#history = history;
  }

  /** Removes every entry of the group up to `through`, sooner or later. A log begins there durably, and never earlier again. */
  remove(group: GroupId, through: Index): void {
    if (through > 0) this.#wanted.set(group, through);
    // A failed commit is reported to whoever writes next, a failed archive by the archive; then the entries stay until the next time.
    this.#running ??= this.#run()
      .catch(() => {})
      .finally(() => {
        this.#running = null;
      });
  }

  /** Begins no further slice; resolves when none is under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let [next] = this.#wanted; next !== undefined && !this.#stopped; [next] = this.#wanted) {
      const [group, through] = next;
      const done = await this.#removeSlice(group, through);
      // More may have been asked for meanwhile.
      if (done && this.#wanted.get(group) === through) this.#wanted.delete(group);
    }
  }

  /** Whether it was the last one. */
  async #removeSlice(group: GroupId, through: Index): Promise<boolean> {
    this.#environment.assertUsable();
    const { db } = this.#environment;
    const key = indexKey(group, 0);
    const [first] = db.getKeys({ start: key, end: indexKey(group, through + 1), limit: 1 });
    if (first === undefined) return true;
    const from = indexOf(first);
    if (from === undefined) {
      // Damage can make a key that no entry has: it would stay for ever, and everything behind it.
      const foreign = Buffer.from(first);
      await this.#environment.commit(0, () => void db.remove(foreign));
      return false;
    }
    const end = Math.min(through, from + removedMax - 1);
    const to = (await this.#history?.keep(group, from, end)) ?? end;
    await this.#environment.commit(0, () => {
      for (let index = from; index <= to; index++) {
        setIndex(key, index);
        db.remove(key);
      }
    });
    return to === through;
  }
}
