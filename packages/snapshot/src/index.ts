export { snapshotId } from './snapshot-id.ts';
export type { SnapshotPosition, SnapshotStore } from './snapshot-store.ts';
