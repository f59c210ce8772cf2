import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MemberId, MemberInfo } from '@flotilla/core';
import { kv } from '@flotilla/kv';
import { createHost, type Host, hostConfig, tokens } from '@flotilla/runtime';
import { FileSnapshotStore } from '@flotilla/snapshot/file';
import { replicate } from '@flotilla/state-machine';
import { openLmdbStorage } from '@flotilla/storage-lmdb';
import { TcpTransport } from '@flotilla/transport-tcp';
import { ContainerModule } from 'inversify';
import { expect, onTestFinished, test } from 'vitest';
import { freePorts } from '../e2e/process-cluster.ts';
import { CuttingProxy } from './cutting-proxy.ts';

const values = 60;
const valueBytes = 200_000;
const bytesPerSecond = 3 * 1024 * 1024;

test('a snapshot arrives over a connection that breaks every second, as fast as the rate lets it', { timeout: 120_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'flotilla-transfer-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const ports = await freePorts(3);
  const proxy = await CuttingProxy.before(ports[2] ?? 0);
  onTestFinished(() => proxy.close());
  const founders = [1, 2, 3].map((id): MemberInfo => {
    const peerAddress = id === 3 ? proxy.address : `127.0.0.1:${ports[id - 1]}`;
    return { id, peerAddress, clientAddress: `127.0.0.1:${id}`, voter: true, witness: false, priority: id === 1 ? 1 : 0 };
  });

  async function start(member: MemberId): Promise<{ readonly host: Host; readonly stop: () => Promise<void> }> {
    const place = join(directory, `member-${member}`);
    const storage = await openLmdbStorage({ directory: place, identity: { clusterId: 'c', memberId: member, app: 'kv' }, retention: {} });
    const transport = new TcpTransport({
      clusterId: storage.clusterId,
      memberId: member,
      listen: { host: '127.0.0.1', port: ports[member - 1] ?? 0 },
      incarnation: storage.incarnation,
      admit: (peer, incarnation) => storage.admit(peer, incarnation),
    });
    const host = createHost({
      config: hostConfig({
        member,
        groups: [{ id: 1, founders }],
        raft: { trailingEntries: 0 },
        limits: { snapshotBytesPerSecondMax: bytesPerSecond },
      }),
      modules: [
        new ContainerModule(({ bind }) => {
          bind(tokens.logStore).toConstantValue(storage.logStore);
          bind(tokens.stateStore).toConstantValue(storage.stateStore);
          bind(tokens.snapshotStore).toConstantValue(new FileSnapshotStore({ directory: join(place, 'snapshots'), cluster: 'c' }));
          bind(tokens.transport).toConstantValue(transport);
          bind(tokens.machineFactory).toConstantValue((_, space) => replicate(kv, space));
        }),
      ],
    });
    await host.start();
    let stopped: Promise<void> | null = null;
    const stop = () => {
      stopped ??= host.stop().then(() => storage.close());
      return stopped;
    };
    onTestFinished(stop);
    return { host, stop };
  }

  const [first, , third] = await Promise.all([1, 2, 3].map(start));
  const leader = first?.host.group(1);
  if (leader === undefined) throw new Error('there is no first member');
  await until('the first member leads', () => leader.status().role === 'leader');
  await third?.stop();
  for (let i = 0; i < values; i++) {
    await leader.execute({ type: 'put', input: { key: `k${i}`, value: new Uint8Array(randomBytes(valueBytes)) } });
  }
  const { size, index } = await leader.takeSnapshot();
  expect(size).toBeGreaterThan(values * valueBytes);
  const { term } = leader.status();

  const cutting = setInterval(() => proxy.cut(), 1000);
  onTestFinished(() => clearInterval(cutting));
  const [before, began] = [proxy.forwarded, performance.now()];
  const follower = (await start(3)).host.group(1);
  await until('it has arrived', () => follower.status().appliedIndex >= index);
  const seconds = (performance.now() - began) / 1000;
  clearInterval(cutting);
  expect(size / seconds).toBeLessThan(1.1 * bytesPerSecond);
  // It went on from where it was: each break costs a few parts, and never the beginning.
  expect(proxy.forwarded - before).toBeLessThan(1.5 * size);
  const { result } = await follower.query('get', { key: `k${values - 1}` });
  expect(result).not.toBeNull();
  expect(leader.status()).toMatchObject({ role: 'leader', term });
});

async function until(what: string, condition: () => boolean): Promise<void> {
  for (const end = Date.now() + 60_000; !condition(); await delay(10)) {
    if (Date.now() > end) throw new Error(`never came true: ${what}`);
  }
}
