import { type Entry, type MemberId, type RaftState, termAt } from '@flotilla/core';
import { unknownTerm } from '../oracle/entry-table.ts';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'log-matching';

/**
 * "If two logs contain an entry with the same index and term, then the logs are identical in all entries up through the given
 * index". Whoever appends an entry must find it as it is known by its index and term, behind a predecessor of the same term as
 * everywhere else: so the logs are the same before it, by induction. And log time never goes back along a log.
 */
export function logMatching({ entries }: Knowledge): Invariant {
  function appended(member: MemberId, state: RaftState, batch: readonly Entry[]): void {
    const first = batch[0] as Entry;
    let previousTerm = termAt(state.log, first.index - 1) ?? unknownTerm;
    let previousTime = Number.NEGATIVE_INFINITY;
    for (const entry of batch) {
      const { index, term, time } = entry;
      const difference = entries.note(entry, previousTerm, !state.witness);
      if (difference !== null)
        throw new Violation(name, `the ${difference} of entry ${index} of term ${term} is another one on member ${member} than elsewhere`);
      if (time < previousTime) throw new Violation(name, `log time goes back at entry ${index} of term ${term} on member ${member}`);
      previousTerm = term;
      previousTime = time;
    }
  }

  return {
    name,
    source: 'paper, figure 3 and 5.3',
    onStep(member, { before, after, events }) {
      if (before.log === after.log) return;
      for (const event of events) if (event.kind === 'entries-appended') appended(member, after, event.entries);
    },
  };
}
