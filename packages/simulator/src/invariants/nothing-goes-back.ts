import { type Index, lastTerm, type MemberId, type Term, termAt } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import type { DurableLog } from '../watch/observer.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'nothing-goes-back';

/** What a disk is known to have had. */
interface Had {
  readonly term: Term;
  /** The log up to here was there, and committed. */
  readonly committedIndex: Index;
}

/**
 * Term, commit index and applied index of a member never decrease, and stand in the right order; what its disk had of the term
 * and of committed entries, it still has in its next life, and begins with; or, where it has lost some, has again before it says
 * that it has recovered.
 */
export function nothingGoesBack({ forgotten, committed }: Knowledge): Invariant {
  const had = new Map<MemberId, Had>();

  function goes(member: MemberId, what: string, from: number, to: number): never {
    throw new Violation(name, `the ${what} of member ${member} goes back from ${from} to ${to}`);
  }

  function keep(member: MemberId, { hardState, log }: DurableLog): void {
    const { term } = hardState;
    const before = had.get(member);
    if (before !== undefined && term < before.term) goes(member, 'term on the disk', before.term, term);
    // It may have lost anything but the term, and must have all of it again when it has recovered.
    if (hardState.recovering) return void had.set(member, { term, committedIndex: before?.committedIndex ?? 0 });
    const index = Math.min(committed.lastIndex, log.lastIndex);
    if (before !== undefined && index < before.committedIndex) goes(member, 'committed log on the disk', before.committedIndex, index);
    const isCommitted = index <= log.snapshotIndex || termAt(log, index) === committed.termAt(index);
    const committedIndex = isCommitted ? index : Math.max(before?.committedIndex ?? 0, log.snapshotIndex);
    if (before?.term !== term || before.committedIndex !== committedIndex) had.set(member, { term, committedIndex });
  }

  return {
    name,
    source: 'paper, figure 2',
    onStarted(member, { term, vote, recovering, log, pendingWrites, persistedIndex }, disk) {
      keep(member, disk);
      // Its first write may be under way by now; then it is ahead of its disk.
      if (pendingWrites.length > 0 || persistedIndex !== log.lastIndex) return;
      const { hardState } = disk;
      const same =
        hardState.term === term &&
        hardState.vote === vote &&
        (hardState.recovering ?? false) === recovering &&
        disk.log.lastIndex === log.lastIndex;
      if (!same || lastTerm(disk.log) !== lastTerm(log))
        throw new Violation(
          name,
          `member ${member} begins with term ${term}, vote ${vote}, ${recovering ? 'recovering, ' : ''}log up to ${log.lastIndex}; its disk has term ${hardState.term}, vote ${hardState.vote}, ${hardState.recovering ? 'recovering, ' : ''}log up to ${disk.log.lastIndex}`,
        );
    },
    // It must be kept from promising anything again, which others see to.
    onWiped: (member) => void had.delete(member),
    onHealed(member, left) {
      // What it had may have been committed since it was written.
      const lost = forgotten.get(member)?.at(-1);
      if (lost !== undefined) keep(member, lost);
      keep(member, left);
    },
    onDurable: keep,
    onStep(member, { before, after }) {
      if (after.term < before.term) goes(member, 'term', before.term, after.term);
      if (after.commitIndex < before.commitIndex) goes(member, 'commit index', before.commitIndex, after.commitIndex);
      if (after.applyIndex < before.applyIndex) goes(member, 'applied index', before.applyIndex, after.applyIndex);
      if (after.vote !== before.vote && before.vote !== null && after.term === before.term)
        throw new Violation(name, `member ${member} takes back its vote for ${before.vote} in term ${after.term}`);
      if (after.commitIndex > after.log.lastIndex)
        throw new Violation(name, `member ${member} commits ${after.commitIndex}, and its log ends at ${after.log.lastIndex}`);
      if (after.applyIndex > after.commitIndex)
        throw new Violation(name, `member ${member} applies ${after.applyIndex}, and has committed ${after.commitIndex}`);
      if (after.applyIndex > after.persistedIndex && after.applyIndex > after.log.snapshotIndex)
        throw new Violation(name, `member ${member} applies ${after.applyIndex}, and has persisted ${after.persistedIndex}`);
    },
  };
}
