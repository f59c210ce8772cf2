import type { Membership } from '../../src/index.ts';
import { ensure, type Property } from './property.ts';
import { overlap } from './quorum.ts';

/** Any quorum of a membership has a member in common with any quorum of the next one (thesis 4.1 and 4.3). */
export const quorumsOverlap: Property = (_cluster, history) => {
  const known = new Set<string>();
  return (occurrence) => {
    if (occurrence.kind !== 'decided') return;
    for (const event of occurrence.decision.events) {
      if (event.kind !== 'entries-appended' || !event.entries.some(({ kind }) => kind === 'membership')) continue;
      const memberships: Membership[] = occurrence.member.log.memberships().map(({ membership }) => membership);
      // Who joined does not know what the group was founded with.
      if (memberships[0]?.members.length === 0) memberships[0] = history.founding;
      memberships.forEach((membership, i) => {
        const before = memberships[i - 1];
        const pair = JSON.stringify([before, membership]);
        if (before === undefined || known.has(pair)) return;
        known.add(pair);
        ensure(overlap(before, membership), `quorums without a common member: ${pair}`);
      });
    }
  };
};
