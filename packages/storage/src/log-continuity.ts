import type { GroupId, Index } from '@flotilla/core';
import type { LogWrite } from './log-store.ts';
import { StorageError } from './storage-error.ts';

/**
 * Checks that every write continues its group's log, and returns where the logs will end. For implementers of
 * {@link LogStore}: it is called before anything is written.
 *
 * `lastIndexOf` says where a group's log ends before the first write, 0 for an empty one. Throws `log_gap`.
 */
export function lastIndexesAfter(writes: readonly LogWrite[], lastIndexOf: (group: GroupId) => Index): ReadonlyMap<GroupId, Index> {
  const lastIndexes = new Map<GroupId, Index>();
  for (const { group, truncateAfter, entries } of writes) {
    let last = lastIndexes.get(group) ?? lastIndexOf(group);
    if (truncateAfter !== null) {
      if (!Number.isSafeInteger(truncateAfter) || truncateAfter < 0) {
        throw gap(`group ${group}: cannot truncate after index ${truncateAfter}`);
      }
      last = Math.min(last, truncateAfter);
    }
    for (const { index } of entries) {
      if (index !== last + 1) throw gap(`group ${group}: entry ${index} does not follow entry ${last}, the end of the log`);
      last = index;
    }
    lastIndexes.set(group, last);
  }
  return lastIndexes;
}

function gap(message: string): StorageError {
  return new StorageError('log_gap', message, 'This is a defect of the caller: nothing was written.');
}
