import type { Entry, EntryKind, Index, Term } from '@flotilla/core';
import { digestBytes } from './digest.ts';
import { NumberColumn } from './number-column.ts';

/** The term of an entry's predecessor where nobody knows it: the log begins with the entry. */
export const unknownTerm: Term = 0xffff_ffff;

const kinds: readonly EntryKind[] = ['command', 'no-op', 'membership'];

/** How many entries that were superseded at their index stay known. */
const supersededMax = 65_536;
const recentMax = 8192;

/** What two entries of one index and term differ in. */
export type EntryDifference = 'kind' | 'time' | 'payload' | 'predecessor';

/**
 * Every entry that any log has held, by index and term, which are an entry's name: its kind, time, a digest of its payload, and
 * the term of the entry before it. By induction, logs that agree about all of that for one entry agree about everything before.
 */
export class EntryTable {
  /** The row of the newest entry at an index, or of the committed one. Rows count from 1. */
  readonly #rowAt = new NumberColumn(32);
  readonly #terms = new NumberColumn(32);
  readonly #previousTerms = new NumberColumn(32);
  readonly #kinds = new NumberColumn(8);
  readonly #times = new NumberColumn(64);
  /** 0 where only a witness has told of it. */
  readonly #payloads = new NumberColumn(32);
  /** The rows of all others, oldest first. */
  readonly #superseded = new Map<number, number>();
  /** Objects that were compared already: on their way from log to log, entries often stay the same ones. */
  readonly #recent: (Entry | undefined)[] = new Array(recentMax).fill(undefined);
  #rows = 0;
  /** Up to here it is known for good what there is at an index. */
  #settledIndex: Index = 0;

  /** Takes down an entry that is in a log, behind one of `previousTerm`; says in what it differs from what is known, or null. */
  note(entry: Entry, previousTerm: Term, hasPayload: boolean): EntryDifference | null {
    const row = this.row(entry.index, entry.term);
    if (row === 0) {
      this.#add(entry, previousTerm, hasPayload);
      return null;
    }
    if (this.#previousTerms.at(row) === unknownTerm) this.#previousTerms.set(row, previousTerm);
    if (previousTerm !== unknownTerm && this.#previousTerms.at(row) !== previousTerm) return 'predecessor';
    if (this.#payloads.at(row) === 0 && hasPayload) this.#payloads.set(row, digestBytes(entry.payload));
    return this.compare(entry, hasPayload);
  }

  /** In what an entry differs from the known one of its index and term, or null. It is known. */
  compare(entry: Entry, hasPayload: boolean): EntryDifference | null {
    const slot = entry.index % recentMax;
    if (this.#recent[slot] === entry) return null;
    const row = this.row(entry.index, entry.term);
    if (kinds[this.#kinds.at(row)] !== entry.kind) return 'kind';
    if (this.#times.at(row) !== entry.time) return 'time';
    if (hasPayload && this.#payloads.at(row) !== digestBytes(entry.payload)) return 'payload';
    if (hasPayload) this.#recent[slot] = entry;
    return null;
  }

  /** Whether this very object was compared lately, or noted, as an entry or as the command in one. */
  isRecent(entry: Pick<Entry, 'index'>): boolean {
    return this.#recent[entry.index % recentMax] === entry;
  }

  /** The number under which an entry is known; 0 where it is not. */
  row(index: Index, term: Term): number {
    const row = this.#rowAt.at(index);
    if (row === 0 || this.#terms.at(row) === term) return row;
    return this.#superseded.get(nameOf(index, term)) ?? 0;
  }

  /** The term of the newest entry at `index`, or of the committed one; 0 where there is none. */
  termAt(index: Index): Term {
    return this.#terms.at(this.#rowAt.at(index));
  }

  kindAt(index: Index): EntryKind {
    return kinds[this.#kinds.at(this.#rowAt.at(index))] ?? 'command';
  }

  timeAt(index: Index): number {
    return this.#times.at(this.#rowAt.at(index));
  }

  /** A digest of the payload; 0 where no member that keeps payloads has had it. */
  payloadAt(index: Index): number {
    return this.#payloads.at(this.#rowAt.at(index));
  }

  /** The entry of this term is what there is at `index`, for good. It is known, and those before it are settled. */
  settle(index: Index, term: Term): void {
    this.#settledIndex = index;
    const current = this.#rowAt.at(index);
    const row = this.row(index, term);
    if (row === current) return;
    this.#supersede(index, current);
    this.#superseded.delete(nameOf(index, term));
    this.#rowAt.set(index, row);
  }

  #add(entry: Entry, previousTerm: Term, hasPayload: boolean): void {
    const { index, term, kind, time, payload } = entry;
    const row = ++this.#rows;
    this.#terms.set(row, term);
    this.#previousTerms.set(row, previousTerm);
    this.#kinds.set(row, kinds.indexOf(kind));
    this.#times.set(row, time);
    this.#payloads.set(row, hasPayload ? digestBytes(payload) : 0);
    const current = this.#rowAt.at(index);
    if (current !== 0 && (this.#terms.at(current) > term || index <= this.#settledIndex)) return this.#supersede(index, row);
    if (current !== 0) this.#supersede(index, current);
    this.#rowAt.set(index, row);
    if (hasPayload) this.#recent[index % recentMax] = entry;
  }

  #supersede(index: Index, row: number): void {
    this.#superseded.set(nameOf(index, this.#terms.at(row)), row);
    if (this.#superseded.size <= supersededMax) return;
    for (const oldest of this.#superseded.keys()) {
      this.#superseded.delete(oldest);
      break;
    }
  }
}

/** Terms stay below 2^20 in any run that ends. */
function nameOf(index: Index, term: Term): number {
  return index * 2 ** 20 + term;
}
