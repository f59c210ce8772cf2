import type { MemberId, Term } from '../../src/index.ts';
import { changedLog, ensure, type Property, sameEntry } from './property.ts';

/**
 * Term, commit, apply and match index never decrease while a member runs (paper, figure 2), and stand in the right order; the term that others
 * heard it promise in survives a restart; and the disk really holds what the core believes to be on it.
 */
export const nothingGoesBack: Property = () => {
  const promised = new Map<MemberId, Term>();
  return (occurrence) => {
    if (occurrence.kind === 'written') promised.set(occurrence.member.id, occurrence.member.disk.hardState.term);
    if (occurrence.kind === 'started') {
      const { id, term } = occurrence.state;
      ensure(term >= (promised.get(id) ?? 0), `member ${id} restarts in term ${term} and has promised in term ${promised.get(id)}`);
    }
    if (occurrence.kind !== 'decided') return;
    const { member, before, decision } = occurrence;
    const after = decision.state;
    ensure(after.term >= before.term, `the term of ${member.id} goes back from ${before.term} to ${after.term}`);
    ensure(after.vote === before.vote || after.term > before.term || before.vote === null, `member ${member.id} changes its vote`);
    ensure(after.commitIndex >= before.commitIndex, `the commit index of ${member.id} goes back`);
    ensure(after.applyIndex >= before.applyIndex, `the apply index of ${member.id} goes back`);
    ensure(after.commitIndex <= after.log.lastIndex, `member ${member.id} commits what it does not have`);
    ensure(after.applyIndex <= after.commitIndex, `member ${member.id} applies what is not committed`);
    // What a snapshot covers was stored with the snapshot.
    const stored = Math.max(after.persistedIndex, after.log.snapshotIndex);
    ensure(after.applyIndex <= stored, `member ${member.id} applies what its disk does not have`);
    ensure(after.logTime >= (member.log.at(after.log.lastIndex - 1)?.time ?? 0), `log time of ${member.id} goes back`);
    ensure(after.log.lastIndex === member.log.lastIndex, `member ${member.id} has lost count of its log`);
    if (before.role.kind === 'leader' && after.role.kind === 'leader') {
      for (const [peer, { matchIndex }] of before.role.progress) {
        ensure(
          (after.role.progress.get(peer)?.matchIndex ?? matchIndex) >= matchIndex,
          `leader ${member.id} forgets what ${peer} acknowledged`,
        );
      }
    }
    if (after.persistedIndex === before.persistedIndex && !changedLog(decision)) return;
    for (let index = after.persistedIndex; index > after.log.snapshotIndex; index--) {
      ensure(sameEntry(member.disk.log.at(index), member.log.at(index)), `member ${member.id} takes entry ${index} for persisted`);
    }
  };
};
