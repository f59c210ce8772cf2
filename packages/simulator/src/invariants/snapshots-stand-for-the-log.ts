import { type LogBase, type MemberId, type RaftState, termAt } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'snapshots-stand-for-the-log';

/**
 * A snapshot, and what a log begins behind, is a committed entry with the membership that counted there. One that is installed
 * takes nobody back, and leaves what follows it in a log that matches (paper, figure 13, step 6).
 */
export function snapshotsStandForTheLog({ committed }: Knowledge): Invariant {
  function stands(whose: string, { index, term, time, membership }: LogBase): void {
    const committedTerm = committed.termAt(index);
    if (committedTerm !== term)
      throw new Violation(
        name,
        `${whose} is of entry ${index} of term ${term}; what is committed there is of term ${committedTerm ?? 'none'}`,
      );
    if (index > 0 && committed.timeAt(index) > time)
      throw new Violation(name, `${whose} says that entry ${index} is of time ${time}, which is too early`);
    const known = committed.membershipAt(index);
    if (known !== null && JSON.stringify(known) !== JSON.stringify(membership))
      throw new Violation(name, `${whose} has another membership than was committed as of entry ${index}`);
  }

  function installed(member: MemberId, before: RaftState, after: RaftState, { index, term }: LogBase): void {
    if (index < before.applyIndex || index < before.log.snapshotIndex)
      throw new Violation(name, `member ${member} has applied ${before.applyIndex} and goes back to a snapshot of ${index}`);
    const matches = termAt(before.log, index) === term;
    if (after.log.lastIndex < (matches ? before.log.lastIndex : before.commitIndex))
      throw new Violation(name, `member ${member} drops what follows the snapshot of ${index}: its log ended at ${before.log.lastIndex}`);
  }

  return {
    name,
    source: 'paper 7',
    onStep(member, { before, after, events }) {
      if (before.log.snapshotIndex === after.log.snapshotIndex && before.snapshot === after.snapshot) return;
      for (const event of events) {
        if (event.kind === 'log-compacted') stands(`what the log of member ${member} begins behind`, event.base);
        else if (event.kind === 'snapshot-taken') stands(`the snapshot of member ${member}`, event.snapshot);
        else if (event.kind === 'snapshot-installed') {
          stands(`the snapshot that member ${member} installs`, event.snapshot);
          installed(member, before, after, event.snapshot);
        }
      }
    },
  };
}
