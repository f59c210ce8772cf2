import { decodeMembership, type Entry, type Index, type LogBase, type Membership, type Term } from '../../src/index.ts';
import type { Occurrence } from '../cluster/cluster.ts';
import { changedLog } from './property.ts';

/** What an omniscient observer writes down about a run; the properties compare it with what members do next. */
export class History {
  readonly founding: Membership;
  /** Every entry that some member took for committed, by index − 1, with the term in which that first happened. */
  readonly committed: { readonly entry: Entry; readonly inTerm: Term }[] = [];
  /** The log of each term's leader, as it was last. */
  readonly #leaderLogs = new Map<Term, { readonly base: LogBase; readonly entries: readonly Entry[] }>();

  constructor(founding: Membership) {
    this.founding = founding;
  }

  get commitIndex(): Index {
    return this.committed.length;
  }

  /** What the leader of `term` has, or had before it compacted its log, at `index`. */
  leaderEntry(term: Term, index: Index): Entry | undefined {
    const log = this.#leaderLogs.get(term);
    if (log === undefined) return undefined;
    return index <= log.base.index ? this.committed[index - 1]?.entry : log.entries[index - log.base.index - 1];
  }

  /** The membership as of a committed entry. */
  membershipAt(index: Index): Membership {
    const newest = this.committed.slice(0, index).findLast(({ entry }) => entry.kind === 'membership');
    return newest === undefined ? this.founding : decodeMembership(newest.entry.payload);
  }

  observe(occurrence: Occurrence): void {
    if (occurrence.kind !== 'decided') return;
    const { member, decision, before } = occurrence;
    const { commitIndex, term, role } = decision.state;
    for (let index = this.commitIndex + 1; index <= commitIndex; index++) {
      const entry = member.log.at(index);
      if (entry === undefined) throw new Error(`member ${member.id} commits entry ${index} and does not have it`);
      this.committed.push({ entry, inTerm: term });
    }
    const changed = before.role.kind !== 'leader' || before.term !== term || changedLog(decision);
    if (role.kind === 'leader' && changed) this.#leaderLogs.set(term, { base: member.log.base, entries: [...member.log.entries] });
  }
}
