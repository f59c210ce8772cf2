import { type Entry, emptyLog, type HardState, type Index, type LogBase, type LogShape, truncateAfter } from '@flotilla/core';
import type { PlannedWrite } from '@flotilla/storage';
import type { DurableLog } from '../watch/observer.ts';
import type { Damage } from './damage.ts';
import type { PayloadCopies } from './payload-copies.ts';

/** So many entries before the beginning of the log may stay in memory: giving them up costs a copy of the rest. */
const staleEntriesMax = 1024;

/**
 * A group's log as of one transaction. It never changes, and the next one shares its entries: whoever appends at the end of the
 * array extends it, and whoever finds that others have done so already takes a copy of what is his.
 */
export class LogImage implements DurableLog {
  readonly hardState: HardState;
  readonly base: LogBase | null;
  readonly log: LogShape;
  readonly #damage: Damage;
  /** The first one has the index `origin + 1`. May begin before the log and go on behind it. */
  readonly #entries: Entry[];
  readonly #origin: Index;

  private constructor(damage: Damage, hardState: HardState, base: LogBase | null, log: LogShape, origin: Index, entries: Entry[]) {
    this.#damage = damage;
    this.hardState = hardState;
    this.base = base;
    this.log = log;
    this.#origin = origin;
    this.#entries = entries;
  }

  static empty(damage: Damage): LogImage {
    return new LogImage(damage, { term: 0, vote: null }, null, emptyLog, 0, []);
  }

  /** Undefined where it is damaged, or not there. */
  intact(index: Index): Entry | undefined {
    const entry = this.entry(index);
    return entry === undefined || this.#damage.has(entry) ? undefined : entry;
  }

  entry(index: Index): Entry | undefined {
    if (index <= this.log.snapshotIndex || index > this.log.lastIndex) return undefined;
    return this.#entries[index - this.#origin - 1];
  }

  /** The log after a write. What it stores is a copy: of payloads, as `payloads` makes them. */
  after({ write: { hardState, base, entries: added }, after }: PlannedWrite, payloads: PayloadCopies): LogImage {
    const first = after.snapshotIndex;
    const kept = after.lastIndex - added.length;
    let [origin, entries] = [this.#origin, this.#entries];
    const end = kept - origin;
    if (kept === first) [origin, entries] = [first, []];
    else if ((added.length > 0 && end < entries.length) || first - origin > Math.max(staleEntriesMax, entries.length / 2)) {
      entries = entries.slice(first - origin, end);
      origin = first;
    }
    for (const { index, term, time, kind, payload } of added) {
      entries.push({ index, term, time, kind, payload: payloads.copy(payload) });
    }
    return new LogImage(
      this.#damage,
      hardState === null ? this.hardState : { ...hardState },
      base === null ? this.base : { ...base },
      after,
      origin,
      entries,
    );
  }

  /** The same log up to `lastIndex`, of a member that has lost what followed, or its vote. */
  healed(lastIndex: Index, hardState: HardState): LogImage {
    const log = truncateAfter(this.log, lastIndex);
    return new LogImage(this.#damage, { ...hardState, recovering: true }, this.base, log, this.#origin, this.#entries);
  }

  /** The index of the first entry that is damaged, or null. */
  firstDamaged(): Index | null {
    if (this.#damage.none) return null;
    for (let index = this.log.snapshotIndex + 1; index <= this.log.lastIndex; index++) if (this.intact(index) === undefined) return index;
    return null;
  }

  /** The records of this image that `before` did not have. */
  newRecords(before: LogImage): object[] {
    const records: object[] = [];
    if (this.hardState !== before.hardState) records.push(this.hardState);
    if (this.base !== null && this.base !== before.base) records.push(this.base);
    for (let index = this.log.lastIndex; index > this.log.snapshotIndex; index--) {
      const entry = this.entry(index);
      if (entry === undefined || entry === before.entry(index)) break;
      records.push(entry);
    }
    return records;
  }
}
