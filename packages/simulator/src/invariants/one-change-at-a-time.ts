import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';

const name = 'one-change-at-a-time';

/**
 * A leader appends a membership only once it has committed an entry of its own term ("bug in single-server membership changes",
 * raft-dev 2015), and while no other one waits to be committed.
 */
export function oneChangeAtATime(): Invariant {
  return {
    name,
    source: 'thesis 4.1',
    onStep(member, { before, after, events }) {
      const { role, commitIndex, memberships } = after;
      if (before.memberships === memberships || role.kind !== 'leader') return;
      if (!events.some((event) => event.kind === 'entries-appended' && event.entries.some(({ kind }) => kind === 'membership'))) return;
      if (commitIndex < role.openingIndex)
        throw new Violation(name, `member ${member} changes the membership before it has committed an entry of its term ${after.term}`);
      const open = memberships.filter(({ index }) => index > commitIndex).map(({ index }) => index);
      if (open.length > 1) throw new Violation(name, `member ${member} has uncommitted memberships at ${open.join(' and ')}`);
    },
  };
}
