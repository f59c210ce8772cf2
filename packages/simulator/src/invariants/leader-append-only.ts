import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';

const name = 'leader-append-only';

/** "A leader never overwrites or deletes entries in its log; it only appends new entries", and those are of its term. */
export function leaderAppendOnly(): Invariant {
  return {
    name,
    source: 'paper, figure 3 and 5.3',
    onStep(member, { before, after, events }) {
      if (before.log === after.log || before.role.kind !== 'leader' || after.role.kind !== 'leader' || before.term !== after.term) return;
      const { term } = after;
      let { lastIndex } = before.log;
      for (const event of events) {
        if (event.kind === 'log-truncated' || event.kind === 'snapshot-installed')
          throw new Violation(name, `member ${member} leads term ${term}, and there is a ${event.kind} event of its log`);
        if (event.kind !== 'entries-appended') continue;
        for (const entry of event.entries) {
          if (entry.term !== term || entry.index !== lastIndex + 1)
            throw new Violation(
              name,
              `the leader of term ${term}, member ${member}, puts entry ${entry.index} of term ${entry.term} behind ${lastIndex}`,
            );
          lastIndex++;
        }
      }
      if (after.log.lastIndex !== lastIndex)
        throw new Violation(
          name,
          `the log of member ${member}, which leads term ${term}, ends at ${after.log.lastIndex} instead of ${lastIndex}`,
        );
    },
  };
}
