import { termAt } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';

const name = 'commit-own-term-only';

/** By counting copies a leader commits entries of its own term only; those of earlier terms follow with them (figure 8). */
export function commitOwnTermOnly(): Invariant {
  return {
    name,
    source: 'paper 5.4.2, thesis 3.6.2',
    onStep(member, { before, after }) {
      if (before.commitIndex === after.commitIndex || before.role.kind !== 'leader' || before.term !== after.term) return;
      const { commitIndex, log, term } = after;
      const entryTerm = termAt(log, commitIndex);
      if (entryTerm !== term)
        throw new Violation(name, `member ${member} leads term ${term} and commits entry ${commitIndex} of term ${entryTerm} by counting`);
    },
  };
}
