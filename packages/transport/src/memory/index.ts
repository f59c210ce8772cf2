export type { Schedule } from './memory-link.ts';
export { type DropRule, MemoryNetwork, type MemoryNetworkOptions } from './memory-network.ts';
export { MemoryTransport } from './memory-transport.ts';
