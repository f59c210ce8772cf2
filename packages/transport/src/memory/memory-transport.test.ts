import { testTransport } from '../testing/index.ts';
import { MemoryNetwork } from './memory-network.ts';

testTransport('MemoryTransport', () => {
  const queueBytesMax = 4 * 1024 * 1024;
  const network = new MemoryNetwork({ queueBytesMax });
  return {
    create: (member) => network.transport(member),
    addressOf: (member) => `member ${member}`,
    silence: (member) => network.takeDown(member),
    queueBytesMax,
  };
});
