import { testSnapshotStore } from '../testing/index.ts';
import { MemorySnapshotStore } from './index.ts';

testSnapshotStore('MemorySnapshotStore', () => ({ open: async () => new MemorySnapshotStore() }));
