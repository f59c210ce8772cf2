import { type Index, type LogShape, type MemberId, type Term, termAt } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'leader-completeness';

/**
 * "If a log entry is committed in a given term, then that entry will be present in the logs of the leaders for all higher-numbered
 * terms": both when somebody comes to lead, and when an earlier leader, that does not know it yet, commits something.
 */
export function leaderCompleteness({ committed, leaderships }: Knowledge): Invariant {
  let checked: Index = 0;

  function has(member: MemberId, term: Term, log: LogShape, index: Index): void {
    // Where the last one is there, with its term, so is everything before it: log matching.
    if (index <= log.snapshotIndex || termAt(log, index) === committed.termAt(index)) return;
    throw new Violation(
      name,
      `member ${member} leads term ${term} and has entry ${index} of term ${termAt(log, index) ?? 'none'}; that of term ${committed.termAt(index)} was committed before`,
    );
  }

  return {
    name,
    source: 'paper, figure 3 and 5.4',
    onStep(member, { before, after }) {
      const { term, role, log } = after;
      if (role.kind === 'leader' && (before.role.kind !== 'leader' || before.term !== term))
        has(member, term, log, committed.lastIndexBefore(term));
      if (committed.lastIndex === checked) return;
      checked = committed.lastIndex;
      if (leaderships.highestTerm <= term) return;
      for (const [laterTerm, later] of leaderships.all()) if (laterTerm > term) has(later.member, laterTerm, later.log, checked);
    },
  };
}
