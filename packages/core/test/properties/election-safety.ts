import type { MemberId, Term } from '../../src/index.ts';
import { ensure, type Property } from './property.ts';

/** "At most one leader can be elected in a given term" (paper, figure 3 and 5.2). */
export const electionSafety: Property = () => {
  const leaders = new Map<Term, MemberId>();
  return (occurrence) => {
    if (occurrence.kind !== 'decided' || occurrence.decision.state.role.kind !== 'leader') return;
    const { id, term } = occurrence.decision.state;
    const first = leaders.get(term) ?? id;
    ensure(first === id, `members ${first} and ${id} both lead term ${term}`);
    leaders.set(term, id);
  };
};
