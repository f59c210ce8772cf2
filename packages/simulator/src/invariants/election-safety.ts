import type { LogShape, MemberId, Term } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'election-safety';

/** "At most one leader can be elected in a given term." */
export function electionSafety({ leaderships }: Knowledge): Invariant {
  function leads(term: Term, member: MemberId, log: LogShape): void {
    const leadership = leaderships.of(term);
    if (leadership === undefined) leaderships.begin(term, { member, log });
    else if (leadership.member !== member) throw new Violation(name, `members ${leadership.member} and ${member} both lead term ${term}`);
    else leadership.log = log;
  }

  return {
    name,
    source: 'paper, figure 3 and 5.2',
    onStep(member, { before, after }) {
      if (after.role.kind !== 'leader') return;
      const leadBefore = before.role.kind === 'leader' && before.term === after.term;
      if (!leadBefore && leaderships.of(after.term)?.member === member)
        throw new Violation(name, `member ${member} comes to lead term ${after.term} twice`);
      if (!leadBefore || before.log !== after.log) leads(after.term, member, after.log);
    },
  };
}
