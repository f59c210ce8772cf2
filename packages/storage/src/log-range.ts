import type { Entry, GroupId, Index, LogShape } from '@flotilla/core';
import { StorageError } from './storage-error.ts';

/** Where a log begins and ends: behind `snapshotIndex`, and with `lastIndex`. */
export type LogExtent = Pick<LogShape, 'snapshotIndex' | 'lastIndex'>;

/** Throws `log_out_of_range` unless a log has all of `from`…`to`. */
export function assertInLog(group: GroupId, from: Index, to: Index, { snapshotIndex, lastIndex }: LogExtent): void {
  if (from > snapshotIndex && from <= to && to <= lastIndex) return;
  throw new StorageError(
    'log_out_of_range',
    `group ${group}: entries ${from} to ${to} were asked for, the log has ${snapshotIndex + 1} to ${lastIndex}`,
    'This is a defect of the caller: ask for entries that the log has.',
  );
}

/** The entries `from`…`to` as `entryAt` gives them, cut short as `LogStore.read` promises. */
export function readRange(from: Index, to: Index, bytesMax: number, entryAt: (index: Index) => Entry): readonly Entry[] {
  const entries: Entry[] = [];
  let bytes = 0;
  for (let index = from; index <= to; index++) {
    const entry = entryAt(index);
    bytes += entry.payload.length;
    if (bytes > bytesMax && entries.length > 0) break;
    entries.push(entry);
  }
  return entries;
}
