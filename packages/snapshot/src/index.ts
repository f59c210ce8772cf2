export { keptSnapshots } from './kept-snapshots.ts';
export { isSnapshotLost, snapshotDamaged, snapshotMissing } from './snapshot-error.ts';
export { partBytesMax, type SnapshotPosition, type SnapshotStore } from './snapshot-store.ts';
