import { type Index, type MemberId, type RaftState, type Term, termAt } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'commits-agree';

/**
 * Only a leader commits what was not committed yet; everybody else takes for committed what a leader has committed before, and
 * everybody takes the same entries for it.
 */
export function commitsAgree({ committed, entries }: Knowledge): Invariant {
  function extend(member: MemberId, before: RaftState, { log, term, memberships, commitIndex }: RaftState): void {
    for (let index = committed.lastIndex + 1; index <= commitIndex; index++) {
      const entryTerm = termAt(log, index) ?? termAt(before.log, index) ?? 0;
      if (!committed.commit(entryTerm, term))
        throw new Violation(name, `member ${member} commits entry ${index} of term ${entryTerm}, which nobody has appended`);
      if (entries.kindAt(index) !== 'membership') continue;
      const placed = memberships.find((each) => each.index === index) ?? before.memberships.find((each) => each.index === index);
      if (placed !== undefined) committed.noteMembership(placed);
    }
  }

  function agree(member: MemberId, commitIndex: Index, term: Term | undefined): void {
    if (commitIndex > committed.lastIndex)
      throw new Violation(
        name,
        `member ${member} takes entry ${commitIndex} for committed, and the leaders have committed ${committed.lastIndex}`,
      );
    if (term !== committed.termAt(commitIndex))
      throw new Violation(
        name,
        `member ${member} takes entry ${commitIndex} of term ${term} for committed, and that of term ${committed.termAt(commitIndex)} is`,
      );
  }

  return {
    name,
    source: 'paper 5.3 and 5.4',
    onStarted(member, { commitIndex, log }) {
      agree(member, commitIndex, termAt(log, commitIndex));
    },
    onStep(member, { before, after }) {
      const { commitIndex } = after;
      if (before.commitIndex === commitIndex) return;
      if (commitIndex > committed.lastIndex && before.role.kind === 'leader' && before.term === after.term) extend(member, before, after);
      // Where the log was compacted in the same step, it went through this entry.
      if (commitIndex >= after.log.snapshotIndex) agree(member, commitIndex, termAt(after.log, commitIndex));
    },
  };
}
