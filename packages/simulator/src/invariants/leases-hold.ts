import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'leases-hold';

/**
 * A leader that answers a read at once, on the strength of its lease, knows of everything that is committed. Holds as long as
 * clocks differ in speed by no more than `leaseDriftPercent`.
 */
export function leasesHold({ committed }: Knowledge): Invariant {
  return {
    name,
    source: 'thesis 6.4.1',
    onStep(member, { input, events, before, after }) {
      if (input.kind !== 'read-requested' || !input.lease || before.role.kind !== 'leader') return;
      const { openingIndex, reads } = before.role;
      const { commitIndex, config } = before;
      // It waits for a round, or is turned away.
      if (events.some(({ kind }) => kind === 'read-registered') || commitIndex < openingIndex || reads.length >= config.pendingReadsMax)
        return;
      if (commitIndex < committed.lastIndex)
        throw new Violation(
          name,
          `member ${member} answers a read at ${commitIndex} by its lease of term ${after.term}, and ${committed.lastIndex} is committed`,
        );
    },
  };
}
