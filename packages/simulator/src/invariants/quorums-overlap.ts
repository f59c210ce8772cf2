import { describeMembership } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import { overlap } from './quorum.ts';

const name = 'quorums-overlap';

/** Any quorum of a membership has a member in common with any quorum of the next one. */
export function quorumsOverlap(): Invariant {
  return {
    name,
    source: 'thesis 4.1 and 4.3',
    onStep(member, { before, after }) {
      if (before.memberships === after.memberships) return;
      const next = after.memberships.at(-1);
      const current = after.memberships.at(-2)?.membership;
      // Who joined does not know what the group was founded with.
      if (current === undefined || next === undefined || current.members.length === 0 || overlap(current, next.membership)) return;
      const both = `${describeMembership(current)} and of ${describeMembership(next.membership)}`;
      throw new Violation(name, `member ${member} has entry ${next.index}, and quorums of ${both} have nobody in common`);
    },
  };
}
