export { keptSnapshots } from './kept-snapshots.ts';
export { snapshotId } from './snapshot-id.ts';
export type { SnapshotPosition, SnapshotStore } from './snapshot-store.ts';
