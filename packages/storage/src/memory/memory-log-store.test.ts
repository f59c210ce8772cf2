import { testLogStore } from '../testing/index.ts';
import { MemoryDisk, MemoryLogStore } from './index.ts';

testLogStore('MemoryLogStore', () => {
  const disk = new MemoryDisk();
  return { open: async () => new MemoryLogStore(disk), crash: async () => {} };
});
