import type { EntryKind, Index, Membership, PlacedMembership, Term } from '@flotilla/core';
import type { EntryTable } from './entry-table.ts';

/** Everything up to `lastIndex` was committed by leaders of `term`, or of the terms before it in the list. */
interface CommitRun {
  readonly term: Term;
  lastIndex: Index;
}

/** How many memberships, and changes of who commits, stay known. */
const remembered = 4096;

/**
 * What the cluster as a whole has committed: an entry is, from the moment in which a leader first says so. Compact: what is kept
 * for each entry is a row of numbers in the {@link EntryTable}.
 */
export class CommittedLog {
  readonly #entries: EntryTable;
  #runs: CommitRun[] = [];
  #memberships: PlacedMembership[] = [];
  #lastIndex: Index = 0;

  constructor(entries: EntryTable) {
    this.#entries = entries;
  }

  /** The last entry that is committed; 0 for none. */
  get lastIndex(): Index {
    return this.#lastIndex;
  }

  /** The term of the committed entry at `index`, or undefined where none is committed. */
  termAt(index: Index): Term | undefined {
    if (index > this.#lastIndex) return undefined;
    return index === 0 ? 0 : this.#entries.termAt(index);
  }

  kindAt(index: Index): EntryKind {
    return this.#entries.kindAt(index);
  }

  /** Log time of the entry at `index` in milliseconds. */
  timeAt(index: Index): number {
    return this.#entries.timeAt(index);
  }

  /** A digest of its payload; 0 where no member that keeps payloads has had it. */
  payloadAt(index: Index): number {
    return this.#entries.payloadAt(index);
  }

  /** The next entry is committed, by the leader of `leaderTerm`. False where nobody has ever had an entry of that term there. */
  commit(term: Term, leaderTerm: Term): boolean {
    const index = this.#lastIndex + 1;
    if (this.#entries.row(index, term) === 0) return false;
    this.#entries.settle(index, term);
    this.#lastIndex = index;
    const run = this.#runs.at(-1);
    if (run?.term === leaderTerm) run.lastIndex = index;
    else this.#runs = [...this.#runs.slice(1 - remembered), { term: leaderTerm, lastIndex: index }];
    return true;
  }

  /** The membership entry at `index`, which is committed, holds this. */
  noteMembership(placed: PlacedMembership): void {
    this.#memberships = [...this.#memberships.slice(1 - remembered), placed];
  }

  /** The membership as of a committed entry; null where that is the one that the group was founded with. */
  membershipAt(index: Index): Membership | null {
    return this.#memberships.findLast((placed) => placed.index <= index)?.membership ?? null;
  }

  /** The last entry that was committed in a term before this one: the leader of `term` has it. */
  lastIndexBefore(term: Term): Index {
    return this.#runs.findLast((run) => run.term < term)?.lastIndex ?? 0;
  }

  /** The last command at or before `index`, 0 for none: what a machine has applied last that is as of `index`. */
  lastCommand(index: Index): Index {
    let at = Math.min(index, this.#lastIndex);
    while (at > 0 && this.kindAt(at) !== 'command') at--;
    return at;
  }
}
