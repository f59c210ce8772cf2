import { type Index, type LogShape, type MemberId, type Term, termAt } from '@flotilla/core';
import type { Invariant } from '../watch/invariant.ts';
import type { DurableLog } from '../watch/observer.ts';
import { Violation } from '../watch/violation.ts';
import type { Knowledge } from './knowledge.ts';

const name = 'disk-holds-the-log';

/** How many losses of a member stay known, the latest ones. */
const lossesMax = 16;

/** Everything up to this entry of a disk was looked at. */
interface Seen {
  readonly index: Index;
  readonly term: Term;
}

/**
 * What is on a disk is what was decided, entry by entry; and what a member takes for persisted is on its disk, in the very terms
 * that its log has (paper, figure 2: "persistent state on all servers").
 */
export function diskHoldsTheLog({ entries, disks, wiped, forgotten, committed }: Knowledge): Invariant {
  const seen = new Map<MemberId, Seen>();
  const witnesses = new Set<MemberId>();

  /** Where to begin to look: behind what was seen, unless that is not there any more. */
  function firstUnseen(member: MemberId, log: LogShape): Index {
    const { index, term } = seen.get(member) ?? { index: 0, term: 0 };
    if (index < log.snapshotIndex) return log.snapshotIndex + 1;
    if (termAt(log, index) === term) return index + 1;
    // Something was cut off, and nothing that is committed.
    const kept = Math.min(index, log.lastIndex, committed.lastIndex);
    return kept > log.snapshotIndex && termAt(log, kept) === committed.termAt(kept) ? kept + 1 : log.snapshotIndex + 1;
  }

  function look(member: MemberId, disk: DurableLog): void {
    disks.set(member, disk);
    const { log } = disk;
    const hasPayloads = !witnesses.has(member);
    const last = log.lastIndex;
    for (let index = firstUnseen(member, log); index <= last; index++) {
      const entry = disk.entry(index);
      if (entry === undefined) throw new Violation(name, `entry ${index} is not on the disk of member ${member}, which has up to ${last}`);
      const known = entry.index === index && entries.row(index, entry.term) !== 0;
      const difference = known ? entries.compare(entry, hasPayloads) : 'position';
      if (difference !== null)
        throw new Violation(name, `entry ${index} of term ${entry.term} on the disk of member ${member} has another ${difference}`);
    }
    const term = termAt(log, last) ?? 0;
    const before = seen.get(member);
    if (before?.index !== last || before.term !== term) seen.set(member, { index: last, term });
  }

  return {
    name,
    source: 'paper, figure 2',
    onStarted(member, state, disk) {
      if (state.witness) witnesses.add(member);
      look(member, disk);
    },
    onWiped(member) {
      seen.delete(member);
      wiped.add(member);
    },
    onHealed(member, left) {
      const had = disks.get(member);
      if (had !== undefined) forgotten.set(member, [...(forgotten.get(member) ?? []).slice(1 - lossesMax), had]);
      look(member, left);
    },
    onDurable: look,
    onStep(member, { before, after }) {
      const { persistedIndex } = after;
      if (persistedIndex === before.persistedIndex) return;
      const log = disks.get(member)?.log;
      if (log === undefined || persistedIndex > log.lastIndex)
        throw new Violation(
          name,
          `member ${member} takes entry ${persistedIndex} for persisted, and its disk has up to ${log?.lastIndex ?? 0}`,
        );
      if (persistedIndex <= log.snapshotIndex || persistedIndex < after.log.snapshotIndex) return;
      const [onDisk, inLog] = [termAt(log, persistedIndex), termAt(after.log, persistedIndex)];
      if (onDisk !== inLog)
        throw new Violation(
          name,
          `member ${member} takes entry ${persistedIndex} of term ${inLog} for persisted, and its disk has term ${onDisk}`,
        );
    },
  };
}
