export { type SnapshotStoreFixture, testSnapshotStore } from './snapshot-store-suite.ts';
