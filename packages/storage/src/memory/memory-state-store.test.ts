import { testStateStore } from '../testing/index.ts';
import { MemoryDisk, MemoryStateStore } from './index.ts';

testStateStore('MemoryStateStore', () => {
  const disk = new MemoryDisk();
  return { open: async (retention) => new MemoryStateStore(disk, retention) };
});
