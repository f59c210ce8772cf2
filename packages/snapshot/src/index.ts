export { keptSnapshots } from './kept-snapshots.ts';
export { isSnapshotLost, isSnapshotNoRoom, snapshotDamaged, snapshotMissing, snapshotNoRoom } from './snapshot-error.ts';
export { partBytesMax, type SnapshotPosition, type SnapshotStore } from './snapshot-store.ts';
