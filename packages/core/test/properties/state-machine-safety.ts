import type { Entry } from '../../src/index.ts';
import { ensure, type Property, sameEntry } from './property.ts';

/**
 * "If a server has applied a log entry at a given index, no other server will ever apply a different log entry for the
 * same index" (figure 3, 5.4.3): whatever anybody takes for committed stays what it was.
 */
export const stateMachineSafety: Property = (_cluster, history) => {
  const applied: Entry[] = [];
  return (occurrence) => {
    if (occurrence.kind === 'decided') {
      const { member, decision } = occurrence;
      const through = Math.min(decision.state.commitIndex, history.commitIndex);
      for (const { entry } of history.committed.slice(0, through)) {
        ensure(sameEntry(member.log.at(entry.index), entry), `member ${member.id} commits another entry ${entry.index}`);
      }
    }
    if (occurrence.kind === 'effect' && occurrence.effect.kind === 'apply') {
      const { member, effect } = occurrence;
      for (const entry of member.log.range(0, effect.through)) {
        const first = applied[entry.index - 1];
        ensure(first === undefined || sameEntry(first, entry), `member ${member.id} applies another entry ${entry.index}`);
        applied[entry.index - 1] = entry;
        // Stronger than the paper: the machine's state never runs ahead of the member's own disk.
        ensure(
          sameEntry(member.disk.log.at(entry.index), entry),
          `member ${member.id} applies entry ${entry.index} before its disk has it`,
        );
      }
    }
  };
};
