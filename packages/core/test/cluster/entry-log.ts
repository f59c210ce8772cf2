import {
  decodeMembership,
  type Entry,
  extend,
  type Index,
  type LogBase,
  type LogShape,
  type PlacedMembership,
  startAfter,
} from '../../src/index.ts';

/** A log with its entries, as a disk or a log cache holds it; the core itself keeps the shape only. */
export class EntryLog {
  base: LogBase;
  entries: Entry[];

  constructor(base: LogBase, entries: readonly Entry[] = []) {
    this.base = base;
    this.entries = [...entries];
  }

  get lastIndex(): Index {
    return this.base.index + this.entries.length;
  }

  at(index: Index): Entry | undefined {
    return this.entries[index - this.base.index - 1];
  }

  /** The entries behind `prevIndex` up to `lastIndex`. */
  range(prevIndex: Index, lastIndex: Index): Entry[] {
    return this.entries.slice(prevIndex - this.base.index, lastIndex - this.base.index);
  }

  truncateAfter(index: Index): void {
    this.entries.length = index - this.base.index;
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.index !== this.lastIndex + 1)
        throw new Error(`entry ${entry.index} does not continue a log that ends at ${this.lastIndex}`);
      this.entries.push(entry);
    }
  }

  /** Begins behind `base` from now on, and keeps what follows it if it has the base's entry. */
  rebase(base: LogBase): void {
    const keeps = base.index === this.base.index || this.at(base.index)?.term === base.term;
    this.entries = keeps ? this.entries.slice(base.index - this.base.index) : [];
    this.base = base;
  }

  shape(): LogShape {
    return this.entries.reduce((log, entry) => extend(log, entry.term), startAfter(this.base.index, this.base.term));
  }

  memberships(): PlacedMembership[] {
    const placed = this.entries
      .filter(({ kind }) => kind === 'membership')
      .map(({ index, payload }) => ({ index, membership: decodeMembership(payload) }));
    return [{ index: this.base.index, membership: this.base.membership }, ...placed];
  }

  copy(): EntryLog {
    return new EntryLog(this.base, this.entries);
  }
}
