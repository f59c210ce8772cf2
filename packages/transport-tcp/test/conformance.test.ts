import type { MemberId } from '@flotilla/core';
import { testTransport } from '@flotilla/transport/testing';
import { SilentProxy } from './silent-proxy.ts';
import { TcpCluster } from './tcp-cluster.ts';

testTransport('TcpTransport', async () => {
  const cluster = new TcpCluster({ livenessTimeoutMs: 400 });
  const proxies = new Map<MemberId, SilentProxy>();
  for (const id of [1, 2, 3]) proxies.set(id, await SilentProxy.before(() => cluster.portOf(id)));
  const addressOf = (member: MemberId) => `127.0.0.1:${proxies.get(member)?.port}`;
  return {
    create: (member) => cluster.createAlone(member, { advertise: addressOf(member) }),
    addressOf,
    silence: (member) => proxies.get(member)?.fallSilent(),
    queueBytesMax: cluster.queueBytesMax,
    async dispose() {
      await Promise.all([...proxies.values()].map((proxy) => proxy.close()));
    },
  };
});
