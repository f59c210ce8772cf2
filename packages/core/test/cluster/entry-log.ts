import { type Entry, emptyLog, extend, type Index, type LogShape, type Term } from '../../src/index.ts';

/** A log with its entries, as a disk or a log cache holds it; the core itself keeps the shape only. */
export class EntryLog {
  readonly snapshotIndex: Index;
  readonly snapshotTerm: Term;
  readonly entries: Entry[];

  constructor(entries: readonly Entry[] = [], snapshotIndex: Index = 0, snapshotTerm: Term = 0) {
    this.entries = [...entries];
    this.snapshotIndex = snapshotIndex;
    this.snapshotTerm = snapshotTerm;
  }

  get lastIndex(): Index {
    return this.snapshotIndex + this.entries.length;
  }

  at(index: Index): Entry | undefined {
    return this.entries[index - this.snapshotIndex - 1];
  }

  /** The entries behind `prevIndex` up to `lastIndex`. */
  range(prevIndex: Index, lastIndex: Index): Entry[] {
    return this.entries.slice(prevIndex - this.snapshotIndex, lastIndex - this.snapshotIndex);
  }

  truncateAfter(index: Index): void {
    this.entries.length = index - this.snapshotIndex;
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.index !== this.lastIndex + 1)
        throw new Error(`entry ${entry.index} does not continue a log that ends at ${this.lastIndex}`);
      this.entries.push(entry);
    }
  }

  shape(): LogShape {
    const { snapshotIndex, snapshotTerm } = this;
    const empty: LogShape = { ...emptyLog, snapshotIndex, snapshotTerm, lastIndex: snapshotIndex };
    return this.entries.reduce((log, entry) => extend(log, entry.term), empty);
  }

  copy(): EntryLog {
    return new EntryLog(this.entries, this.snapshotIndex, this.snapshotTerm);
  }
}
