export { MemoryDisk } from './memory-disk.ts';
export { MemoryLogStore } from './memory-log-store.ts';
export { MemoryStateStore } from './memory-state-store.ts';
