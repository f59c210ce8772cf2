import { type Index, type MemberId, type Membership, type Term, termAt } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import type { DurableLog } from '../watch/observer.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';
import { isDecidedBy } from './quorum.ts';

const name = 'commit-on-durable-quorum';

/**
 * A leader commits an entry once a quorum of the *disks* have it; of the newest membership in its log, in which it may have no
 * vote itself, and during joint consensus of both. A disk that had it and lost it counts: whoever has to recover helps nobody to lead
 * who does not have the entry.
 */
export function commitOnDurableQuorum({ disks, wiped, forgotten }: Knowledge): Invariant {
  function isDurable(membership: Membership, index: Index, term: Term | undefined): boolean {
    const has = (disk: DurableLog) => index <= disk.log.snapshotIndex || termAt(disk.log, index) === term;
    return isDecidedBy(membership, (voter: MemberId) => {
      const disk = disks.get(voter);
      return wiped.has(voter) || (disk !== undefined && has(disk)) || (forgotten.get(voter)?.some(has) ?? false);
    });
  }

  return {
    name,
    source: 'paper 5.3, thesis 4.1 and 4.3',
    onStep(member, { before, after }) {
      if (before.commitIndex === after.commitIndex || before.role.kind !== 'leader' || before.term !== after.term) return;
      const { commitIndex, log, term } = after;
      // A membership that is appended in this step is what the commit leads to, not what decides it.
      if (!isDurable(before.membership, commitIndex, termAt(log, commitIndex)))
        throw new Violation(
          name,
          `the leader of term ${term}, member ${member}, commits entry ${commitIndex}, and no quorum of disks has it`,
        );
    },
  };
}
