export { MemorySnapshotStore } from './memory-snapshot-store.ts';
