import { type Index, type LogBase, type RaftState, termAt } from '../../src/index.ts';
import { ensure, type Property } from './property.ts';

/**
 * A snapshot, and what a log begins behind, is a committed entry with the membership that counted there (paper 7). What an
 * installed snapshot does not cover stays in a log that matches (paper 7, figure 13, step 6), and nothing committed goes. What
 * follows a snapshot on its way to somebody who answers stays until it is there: else it would have to be sent again (consul#9609).
 */
export const snapshotsStandForTheLog: Property = (_cluster, history) => (occurrence) => {
  if (occurrence.kind !== 'decided') return;
  const { member, before, input, decision } = occurrence;
  for (const event of decision.events) {
    if (event.kind === 'log-compacted') {
      stands(`the log of member ${member.id}`, event.base);
      const needed = neededFrom(before, input.now);
      ensure(
        event.base.index <= needed,
        `member ${member.id} compacts its log to ${event.base.index}, and somebody is sent snapshot ${needed}`,
      );
    }
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

/** The oldest snapshot that a leader sends to somebody who has answered within an election timeout. */
function neededFrom({ role, config }: RaftState, now: number): Index {
  const progress = role.kind === 'leader' ? [...role.progress.values()] : [];
  const sending = progress.filter(({ activeAt }) => activeAt > now - config.electionTimeoutMs);
  return Math.min(...sending.map(({ outgoing }) => outgoing?.snapshot.index ?? Number.POSITIVE_INFINITY));
}
