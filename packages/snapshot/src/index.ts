export { keptSnapshots } from './kept-snapshots.ts';
export { isSnapshotLost, isSnapshotNoRoom, snapshotDamaged, snapshotFailed, snapshotMissing, snapshotNoRoom } from './snapshot-error.ts';
export { defaultSnapshotPolicy, type SinceSnapshot, type SnapshotPolicy, snapshotDue } from './snapshot-policy.ts';
export { partBytesMax, type SnapshotPosition, type SnapshotStore } from './snapshot-store.ts';
