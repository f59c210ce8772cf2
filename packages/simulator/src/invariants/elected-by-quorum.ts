import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';
import { isDecidedBy } from './quorum.ts';

const name = 'elected-by-quorum';

/**
 * Who leads has the votes of a quorum of the newest membership in its own log, its own vote being on its disk. Learners and
 * witnesses do not lead.
 */
export function electedByQuorum({ ballots }: Knowledge): Invariant {
  return {
    name,
    source: 'paper 5.2, thesis 4.1',
    onStep(member, { before, after }) {
      if (after.role.kind !== 'leader' || (before.role.kind === 'leader' && before.term === after.term)) return;
      const { term } = after;
      const { members, outgoing } = before.membership;
      if (!isDecidedBy(before.membership, (voter) => ballots.of(term, voter) === member))
        throw new Violation(name, `member ${member} leads term ${term} and has not the votes of a quorum`);
      const info = members.find(({ id }) => id === member) ?? outgoing?.find(({ id }) => id === member);
      const electable = (info?.voter || outgoing?.some(({ id }) => id === member)) && !info?.witness && !after.witness;
      if (!electable) throw new Violation(name, `member ${member} leads term ${term} and is no voter that may`);
    },
  };
}
