import { FlotillaError, type GroupId, isFlotillaError } from '@flotilla/core';

const hint = 'Remove this member and add it afresh: the others send it their state.';

/** For implementers of `SnapshotStore`: there is no such snapshot. */
export function snapshotMissing(group: GroupId, id: string): FlotillaError {
  return new FlotillaError('snapshot_missing', `group ${group} has no snapshot ${id}`, hint);
}

/** For implementers of `SnapshotStore`: what is there is not what was stored. */
export function snapshotDamaged(group: GroupId, id: string, what: string): FlotillaError {
  return new FlotillaError('snapshot_damaged', `snapshot ${id} of group ${group} is damaged: ${what}`, hint);
}

/** For implementers of `SnapshotStore`: the file system is full. Nothing was kept, and what was there is as it was. */
export function snapshotNoRoom(cause: unknown): FlotillaError {
  return new FlotillaError('snapshot_no_room', 'there is no room for a snapshot', 'Free some room on the disk, or give it more.', {
    cause,
  });
}

/** For implementers of `SnapshotStore`: the disk refuses to write, or to say what there is. */
export function snapshotFailed(cause: unknown): FlotillaError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const next = 'Stop this process, check the disk, and start it again; it recovers from what is on disk.';
  return new FlotillaError('snapshot_failed', `snapshots cannot be stored: ${why}`, next, { cause });
}

export function isSnapshotNoRoom(error: unknown): boolean {
  return isFlotillaError(error) && error.code === 'snapshot_no_room';
}

/** Whether a snapshot could not be loaded because it is not there or not intact, while the disk as such works. */
export function isSnapshotLost(error: unknown): boolean {
  return isFlotillaError(error) && (error.code === 'snapshot_missing' || error.code === 'snapshot_damaged');
}
