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

/** Whether a snapshot could not be loaded because it is not there or not intact, while the disk as such works. */
export function isSnapshotLost(error: unknown): boolean {
  return isFlotillaError(error) && (error.code === 'snapshot_missing' || error.code === 'snapshot_damaged');
}
