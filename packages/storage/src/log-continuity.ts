import { compactThrough, extend, type GroupId, type LogShape, startAfter, termAt, truncateAfter } from '@flotilla/core';
import type { LogWrite } from './log-store.ts';
import { StorageError } from './storage-error.ts';

/** A write, and what it makes of its group's log. */
export interface PlannedWrite {
  readonly write: LogWrite;
  readonly before: LogShape;
  readonly after: LogShape;
}

/**
 * Checks that every write continues its group's log, and says what each of them makes of it. For implementers of
 * `LogStore`: it is called before anything is written.
 *
 * `logOf` tells a group's log before the first write. Throws `log_gap`.
 */
export function planWrites(writes: readonly LogWrite[], logOf: (group: GroupId) => LogShape): readonly PlannedWrite[] {
  const logs = new Map<GroupId, LogShape>();
  return writes.map((write) => {
    const before = logs.get(write.group) ?? logOf(write.group);
    const after = logAfter(before, write);
    logs.set(write.group, after);
    return { write, before, after };
  });
}

function logAfter(before: LogShape, { group, base, truncateAfter: cut, entries }: LogWrite): LogShape {
  let log = before;
  if (base !== null) {
    if (!Number.isSafeInteger(base.index) || base.index < log.snapshotIndex) {
      throw gap(`group ${group}: cannot begin behind index ${base.index}, the log begins behind ${log.snapshotIndex} already`);
    }
    log = termAt(log, base.index) === base.term ? compactThrough(log, base.index) : startAfter(base.index, base.term);
  }
  if (cut !== null) {
    if (!Number.isSafeInteger(cut) || cut < log.snapshotIndex) {
      throw gap(`group ${group}: cannot truncate after index ${cut}, the log begins behind ${log.snapshotIndex}`);
    }
    if (cut < log.lastIndex) log = truncateAfter(log, cut);
  }
  for (const { index, term } of entries) {
    if (index !== log.lastIndex + 1) throw gap(`group ${group}: entry ${index} does not follow entry ${log.lastIndex}, the end of the log`);
    log = extend(log, term);
  }
  return log;
}

function gap(message: string): StorageError {
  return new StorageError('log_gap', message, 'This is a defect of the caller: nothing was written.');
}
