import { changedLog, ensure, type Property, sameEntry } from './property.ts';

/**
 * "If two logs contain an entry with the same index and term, then the logs are identical in all entries up through the
 * given index" (paper, figure 3 and 5.3).
 */
export const logMatching: Property = (cluster) => (occurrence) => {
  if (occurrence.kind !== 'decided' && occurrence.kind !== 'started') return;
  if (occurrence.kind === 'decided' && !changedLog(occurrence.decision)) return;
  const { id, log } = occurrence.member;
  for (const other of cluster.members.values()) {
    for (const theirs of [other.log, other.disk.log]) {
      const begin = Math.max(log.base.index, theirs.base.index);
      let index = Math.min(log.lastIndex, theirs.lastIndex);
      while (index > begin && log.at(index)?.term !== theirs.at(index)?.term) index--;
      for (; index > begin; index--) {
        ensure(sameEntry(log.at(index), theirs.at(index)), `the logs of ${id} and ${other.id} meet behind entry ${index} and differ there`);
      }
    }
  }
};
