import type { MemberId } from '@flotilla/core';
import { describe, expect, test } from 'vitest';
import type { Admit } from '../../src/network/network-context.ts';
import { NetworkCluster } from './network-cluster.ts';

/** Remembers the first incarnation of each peer, and lets in no other one. */
function remembers(): Admit {
  const known = new Map<MemberId, string>();
  return (peer, incarnation) => {
    const before = known.get(peer) ?? incarnation;
    known.set(peer, before);
    return before === incarnation ? null : `member ${peer} has lost its data`;
  };
}

describe('the handshake of a simulated network', () => {
  test('a member that was wiped does not get in, and nobody connects to it', async () => {
    const cluster = new NetworkCluster({ members: 2 });
    await cluster.start(1, { admit: remembers() });
    const before = await cluster.start(2, { incarnation: 'first' });
    await cluster.pass(100);
    expect(cluster.told(1)).toEqual(['+2']);
    before.process.kill();
    cluster.network.killed(2);
    await cluster.start(2, { incarnation: 'second' });
    await cluster.pass(30_000);
    expect(cluster.told(1)).toEqual(['+2', '-2']);
    expect(cluster.told(2)).toEqual([]);
    expect(cluster.send(1, 2, 1)).toBe(false);
    expect(cluster.send(2, 1, 1)).toBe(false);
  });

  test('the same data are let in again after a restart', async () => {
    const cluster = new NetworkCluster({ members: 2 });
    await cluster.start(1, { admit: remembers() });
    const before = await cluster.start(2, { incarnation: 'first' });
    await cluster.pass(100);
    before.process.kill();
    await cluster.start(2, { incarnation: 'first' });
    await cluster.pass(5_000);
    expect(await cluster.reaches(1, 2)).toBe(true);
    expect(await cluster.reaches(2, 1)).toBe(true);
  });

  test('one whose check fails lets nobody in, and tries again', async () => {
    let fails = true;
    const cluster = new NetworkCluster({ members: 2 });
    const admit = () => {
      if (fails) throw new Error('the disk failed');
      return null;
    };
    await cluster.start(1, { admit });
    await cluster.start(2);
    await cluster.pass(10_000);
    expect([...cluster.told(1), ...cluster.told(2)]).toEqual([]);
    fails = false;
    await cluster.pass(5_000);
    expect(await cluster.reaches(1, 2)).toBe(true);
    expect(await cluster.reaches(2, 1)).toBe(true);
  });

  test('a removed member is kept out, however often it comes back', async () => {
    const cluster = await NetworkCluster.started();
    for (const id of [1, 2]) cluster.host(id).transport.setPeers(cluster.peers([1, 2], 3));
    await cluster.pass(20_000);
    expect(cluster.told(3)).toEqual(['+1', '+2', '-1', '-2']);
    cluster.host(3).process.kill();
    cluster.network.killed(3);
    await cluster.start(3);
    await cluster.pass(20_000);
    expect(cluster.told(3)).toEqual([]);
    expect(cluster.told(1)).toEqual(['+2', '+3', '-3']);
    expect(await cluster.reaches(1, 2)).toBe(true);
  });

  test('what a member that was removed meanwhile had sent is not heard', async () => {
    const cluster = await NetworkCluster.started({ profile: { delayMs: 20 } });
    await cluster.pass(500);
    expect(cluster.send(3, 1, 1)).toBe(true);
    cluster.host(1).transport.setPeers(cluster.peers([1, 2], 3));
    await cluster.pass(100);
    expect(cluster.ids(1, 3)).toEqual([]);
    expect(cluster.network.counts.lost).toBe(1);
  });

  test('a guest is answered, as long as there is room for guests', async () => {
    const cluster = new NetworkCluster({ members: 1, profile: { guestsMax: 2 } });
    await cluster.start(1);
    for (const guest of [2, 3, 4]) {
      await cluster.start(guest, { peers: cluster.peers([1], 1) });
      await cluster.pass(3_000);
    }
    expect(cluster.told(1)).toEqual(['+2', '+3']);
    expect(cluster.told(4)).toEqual([]);
    expect(await cluster.reaches(1, 3)).toBe(true);
    cluster.host(2).process.kill();
    cluster.network.killed(2);
    await cluster.pass(10_000);
    expect(cluster.told(1)).toContain('-2');
    expect(cluster.told(4)).toEqual(['+1']);
    expect(await cluster.reaches(1, 4)).toBe(true);
  });
});
