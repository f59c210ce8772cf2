// One host of many groups, as a program would compose it: started by many-groups.test.ts, and asked over IPC.
import { kv } from '@flotilla/kv';
import { createHost, hostConfig, tokens } from '@flotilla/runtime';
import { replicate } from '@flotilla/state-machine';
import { openLmdbStorage } from '@flotilla/storage-lmdb';
import { TcpTransport } from '@flotilla/transport-tcp';
import { ContainerModule } from 'inversify';

const { member, ports, groups, directory, raft } = JSON.parse(process.argv[2] ?? '');
const founders = ports.map((port, i) => ({
  id: i + 1,
  peerAddress: `127.0.0.1:${port}`,
  clientAddress: `127.0.0.1:${port}`,
  voter: true,
  witness: false,
  priority: 0,
}));
const storage = await openLmdbStorage({ directory, identity: { clusterId: 'many-groups', memberId: member } });
const transport = new TcpTransport({
  clusterId: storage.clusterId,
  memberId: member,
  listen: { host: '127.0.0.1', port: ports[member - 1] },
  incarnation: storage.incarnation,
  admit: (peer, incarnation) => storage.admit(peer, incarnation),
});
const host = createHost({
  config: hostConfig({ member, groups: Array.from({ length: groups }, (_, i) => ({ id: i + 1, founders })), raft }),
  modules: [
    new ContainerModule(({ bind }) => {
      bind(tokens.logStore).toConstantValue(storage.logStore);
      bind(tokens.stateStore).toConstantValue(storage.stateStore);
      bind(tokens.transport).toConstantValue(transport);
      bind(tokens.machineFactory).toConstantValue(() => replicate(kv));
    }),
  ],
});
await host.start();

const statuses = () => Array.from({ length: groups }, (_, i) => host.group(i + 1).status());
const answers = {
  roles: () => {
    const all = statuses();
    return { led: all.filter(({ role }) => role === 'leader').length, following: all.filter(({ leader }) => leader !== null).length };
  },
  /** Microseconds of processor time since the start, and bytes of memory. */
  usage: () => {
    const { user, system } = process.cpuUsage();
    return { cpu: user + system, memory: process.memoryUsage.rss() };
  },
  put: async ({ group }) => {
    const { index } = await host.group(group).execute({ type: 'put', input: { key: 'key', value: new Uint8Array([1]) } });
    return { index };
  },
};
process.on('message', async ({ id, kind, ...input }) => {
  try {
    process.send?.({ id, answer: await answers[kind](input) });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
});
process.on('disconnect', () => process.exit(0));
process.send?.({ id: 0, answer: 'ready' });
