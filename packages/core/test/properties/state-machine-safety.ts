import type { Entry } from '../../src/index.ts';
import { changedLog, ensure, type Property, sameEntry } from './property.ts';

/**
 * "If a server has applied a log entry at a given index, no other server will ever apply a different log entry for the
 * same index" (figure 3, 5.4.3): whatever anybody takes for committed stays what it was.
 */
export const stateMachineSafety: Property = (_cluster, history) => {
  const applied: Entry[] = [];
  return (occurrence) => {
    if (occurrence.kind === 'decided') {
      const { member, before, decision } = occurrence;
      if (before.commitIndex === decision.state.commitIndex && !changedLog(decision)) return;
      const through = Math.min(decision.state.commitIndex, history.commitIndex);
      for (const { entry } of history.committed.slice(decision.state.log.snapshotIndex, through)) {
        ensure(sameEntry(member.log.at(entry.index), entry), `member ${member.id} commits another entry ${entry.index}`);
      }
    }
    if (occurrence.kind === 'effect' && occurrence.effect.kind === 'apply') {
      const { member, effect } = occurrence;
      for (let index = member.log.base.index + 1; index <= effect.through; index++) {
        const entry = member.log.at(index);
        ensure(entry !== undefined, `member ${member.id} applies entry ${index} and does not have it`);
        ensure(sameEntry(applied[index - 1] ?? entry, entry), `member ${member.id} applies another entry ${index}`);
        applied[index - 1] = entry;
        // Stronger than the paper: the machine's state never runs ahead of the member's own disk.
        const { log } = member.disk;
        const onDisk = index <= log.base.index || sameEntry(log.at(index), entry);
        ensure(onDisk, `member ${member.id} applies entry ${index} before its disk has it`);
      }
    }
  };
};
