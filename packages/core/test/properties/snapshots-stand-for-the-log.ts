import { type LogBase, termAt } from '../../src/index.ts';
import { ensure, type Property } from './property.ts';

/**
 * A snapshot, and what a log begins behind, is a committed entry with the membership that counted there (paper 7). What an
 * installed snapshot does not cover stays in a log that matches (paper 7, figure 13, step 6), and nothing committed goes.
 */
export const snapshotsStandForTheLog: Property = (_cluster, history) => (occurrence) => {
  if (occurrence.kind !== 'decided') return;
  const { member, before, decision } = occurrence;
  for (const event of decision.events) {
    if (event.kind === 'log-compacted') stands(`the log of member ${member.id}`, event.base);
    if (event.kind === 'snapshot-taken') stands(`the snapshot of member ${member.id}`, event.snapshot);
    if (event.kind !== 'snapshot-installed') continue;
    const { index, term } = event.snapshot;
    stands(`the snapshot that member ${member.id} installs`, event.snapshot);
    ensure(index > before.log.snapshotIndex, `member ${member.id} goes back from ${before.log.snapshotIndex} to a snapshot of ${index}`);
    ensure(index >= before.applyIndex, `member ${member.id} has applied ${before.applyIndex} and goes back to a snapshot of ${index}`);
    const matches = termAt(before.log, index) === term;
    ensure(!matches || decision.state.log.lastIndex >= before.log.lastIndex, `member ${member.id} drops what follows snapshot ${index}`);
    ensure(decision.state.log.lastIndex >= before.commitIndex, `member ${member.id} drops committed entries behind snapshot ${index}`);
  }

  function stands(whose: string, { index, term, time, membership }: LogBase): void {
    const entry = history.committed[index - 1]?.entry;
    ensure(entry !== undefined, `${whose} stands for entry ${index}, which is not committed`);
    ensure(entry.term === term && entry.time <= time, `${whose} says that entry ${index} is of term ${term} and time ${time}`);
    const same = JSON.stringify(membership) === JSON.stringify(history.membershipAt(index));
    ensure(same, `${whose} has another membership than that of entry ${index}: ${JSON.stringify(membership)}`);
  }
};
