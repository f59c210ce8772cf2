import type { Entry, Index, Term } from '../../src/index.ts';
import type { Occurrence } from '../cluster/cluster.ts';

/** What an omniscient observer writes down about a run; the properties compare it with what members do next. */
export class History {
  /** Every entry that some member took for committed, by index − 1, with the term in which that first happened. */
  readonly committed: { readonly entry: Entry; readonly inTerm: Term }[] = [];
  /** The log of each term's leader, as it was last. */
  readonly leaderLogs = new Map<Term, readonly Entry[]>();

  get commitIndex(): Index {
    return this.committed.length;
  }

  observe(occurrence: Occurrence): void {
    if (occurrence.kind !== 'decided') return;
    const { member, decision } = occurrence;
    for (let index = this.commitIndex + 1; index <= decision.state.commitIndex; index++) {
      const entry = member.log.at(index);
      if (entry === undefined) throw new Error(`member ${member.id} commits entry ${index} and does not have it`);
      this.committed.push({ entry, inTerm: decision.state.term });
    }
    if (decision.state.role.kind === 'leader') this.leaderLogs.set(decision.state.term, [...member.log.entries]);
  }
}
