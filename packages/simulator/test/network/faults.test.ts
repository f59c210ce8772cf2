import { describe, expect, test } from 'vitest';
import { NetworkCluster } from './network-cluster.ts';

describe('faults of a simulated network', () => {
  test('a partition separates groups, and those in none reach everybody', async () => {
    const cluster = await NetworkCluster.started({ members: 4 });
    const undo = cluster.network.faults.partition([[1, 2], [3]]);
    expect(cluster.send(1, 3, 1)).toBe(false);
    expect(await cluster.reaches(3, 2)).toBe(false);
    expect(await cluster.reaches(1, 2)).toBe(true);
    expect(await cluster.reaches(4, 1)).toBe(true);
    expect(await cluster.reaches(3, 4)).toBe(true);
    expect(cluster.told(1).slice(3)).toEqual(['-3']);
    undo();
    await cluster.pass(2_500);
    expect(await cluster.reaches(1, 3)).toBe(true);
    expect(await cluster.reaches(3, 2)).toBe(true);
  });

  test('a one-way cut leaves the other direction alone, also where it has to connect again', async () => {
    const cluster = await NetworkCluster.started();
    cluster.network.faults.cutOneWay(1, 2);
    expect(cluster.send(1, 2, 1)).toBe(false);
    expect(await cluster.reaches(2, 1)).toBe(true);
    cluster.network.reset(1, 2);
    await cluster.pass(1_000);
    expect(cluster.send(1, 2, 2)).toBe(false);
    expect(await cluster.reaches(2, 1)).toBe(true);
    expect(cluster.ids(2, 1)).toEqual([]);
  });

  test('a cut loses what is on its way', async () => {
    const cluster = await NetworkCluster.started({ profile: { delayMs: 50 } });
    await cluster.pass(500);
    expect(cluster.send(1, 2, 1)).toBe(true);
    await cluster.pass(10);
    const undo = cluster.network.faults.cut(1, 2);
    undo();
    await cluster.pass(3_000);
    expect(cluster.ids(2, 1)).toEqual([]);
    expect(cluster.network.counts).toMatchObject({ sent: 1, lost: 1, delivered: 0, resets: 2 });
    expect(await cluster.reaches(1, 2, 200)).toBe(true);
  });

  test('several faults hold at a time, and each is taken back by itself', async () => {
    const cluster = await NetworkCluster.started();
    const { faults } = cluster.network;
    const undoIsolation = faults.isolate(1);
    const undoCut = faults.cut(1, 2);
    undoIsolation();
    await cluster.pass(2_500);
    expect(await cluster.reaches(1, 3)).toBe(true);
    expect(await cluster.reaches(1, 2)).toBe(false);
    undoIsolation();
    undoCut();
    await cluster.pass(2_500);
    expect(await cluster.reaches(1, 2)).toBe(true);
    faults.isolate(3);
    faults.silence(2);
    cluster.network.healAll();
    expect(faults.size).toBe(0);
    await cluster.pass(5_000);
    for (const from of [1, 2, 3]) for (const to of [1, 2, 3]) if (from !== to) expect(await cluster.reaches(from, to)).toBe(true);
  });

  test('an isolated member reaches nobody who comes later either', async () => {
    const cluster = new NetworkCluster({ members: 2 });
    cluster.network.faults.isolate(1);
    await cluster.start(1);
    await cluster.start(2);
    await cluster.pass(10_000);
    expect([...cluster.told(1), ...cluster.told(2)]).toEqual([]);
  });

  test('in a frozen link nothing arrives, and nobody notices until the liveness timeout', async () => {
    const cluster = await NetworkCluster.started({ profile: { livenessTimeoutMs: 900 } });
    const frozenAt = cluster.world.now;
    cluster.network.faults.freeze(1, 2);
    expect(cluster.send(1, 2, 1)).toBe(true);
    await cluster.pass(550);
    expect(cluster.send(1, 2, 2)).toBe(true);
    expect(cluster.told(1)).toEqual(['+2', '+3']);
    await cluster.pass(400);
    expect(cluster.told(1)).toEqual(['+2', '+3', '-2']);
    expect(cluster.told(2)).toEqual(['+1', '+3', '-1']);
    const lostAfter = (cluster.host(1).told.at(-1)?.at ?? 0) - frozenAt;
    expect(lostAfter).toBeGreaterThan(600);
    expect(lostAfter).toBeLessThanOrEqual(900);
    cluster.network.healAll();
    await cluster.pass(10_000);
    expect(await cluster.reaches(1, 2)).toBe(true);
    expect(cluster.ids(2, 1)).toEqual([1_000_000]);
    expect(cluster.network.counts.lost).toBe(2);
  });

  test('what a frozen link held arrives in order, where it thaws in time', async () => {
    const cluster = await NetworkCluster.started({ profile: { jitterMs: 5 } });
    cluster.send(1, 2, 1);
    const undo = cluster.network.faults.silence(2);
    for (let id = 2; id < 10; id++) cluster.send(1, 2, id);
    await cluster.pass(500);
    expect(cluster.ids(2, 1)).toEqual([]);
    undo();
    cluster.send(1, 2, 10);
    await cluster.pass(100);
    expect(cluster.ids(2, 1)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(cluster.told(1)).toEqual(['+2', '+3']);
  });

  test('a slow link is late, and carries so many bytes in a millisecond', async () => {
    const cluster = await NetworkCluster.started({ profile: { jitterMs: 0 } });
    const sentAt = cluster.world.now;
    const undo = cluster.network.faults.slow(1, 2, { delayMs: 40, bytesPerMs: 17 });
    // A frame of these has 17 bytes.
    for (let id = 1; id <= 20; id++) cluster.send(1, 2, id);
    cluster.send(2, 1, 1);
    await cluster.pass(200);
    const times = cluster.host(2).received.map(({ at }) => Math.round((at - sentAt) * 10) / 10);
    expect(times).toEqual(Array.from({ length: 20 }, (_, i) => 40.2 + i + 1));
    expect(cluster.host(1).received.map(({ at }) => Math.round((at - sentAt) * 10) / 10)).toEqual([0.2]);
    undo();
    expect(await cluster.reaches(1, 2, 1)).toBe(true);
  });

  test('a slow link that recovers lets through what had piled up, in order and once', async () => {
    const cluster = await NetworkCluster.started({ profile: { jitterMs: 0 } });
    const undo = cluster.network.faults.slow(1, 2, { bytesPerMs: 0.017 });
    for (let id = 1; id <= 20; id++) cluster.send(1, 2, id);
    await cluster.pass(2_500);
    expect(cluster.ids(2, 1)).toEqual([1, 2]);
    undo();
    cluster.send(1, 2, 21);
    await cluster.pass(5);
    expect(cluster.ids(2, 1)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    await cluster.pass(30_000);
    expect(cluster.ids(2, 1)).toHaveLength(21);
  });

  test('over connections a lossy link is late, and keeps the order', async () => {
    const cluster = await NetworkCluster.started();
    cluster.network.faults.lossy(1, 2, { loss: 0.3 });
    for (let id = 0; id < 200; id++) {
      cluster.send(1, 2, id);
      await cluster.pass(5);
    }
    await cluster.pass(5_000);
    expect(cluster.ids(2, 1)).toEqual(Array.from({ length: 200 }, (_, id) => id));
    expect(cluster.network.counts.retransmitted).toBeGreaterThan(30);
    expect(cluster.network.counts).toMatchObject({ sent: 200, delivered: 200, lost: 0, duplicated: 0, reordered: 0 });
  });

  test('a reset loses the connections of both directions, which are opened again soon', async () => {
    const cluster = await NetworkCluster.started();
    cluster.network.reset(1, 2);
    expect(cluster.send(1, 2, 1)).toBe(false);
    expect(cluster.send(2, 1, 1)).toBe(false);
    await cluster.pass(200);
    expect(await cluster.reaches(1, 2)).toBe(true);
    expect(cluster.told(1)).toEqual(['+2', '+3', '-2', '+2']);
    expect(cluster.network.counts.resets).toBe(2);
  });

  test.each([{ loss: 0.6, duplication: 0.6 }, { reordering: -0.1 }, { loss: Number.NaN }])('refuses chances like %j', (chances) => {
    const { faults } = new NetworkCluster().network;
    expect(() => faults.lossy(1, 2, chances)).toThrow('probabilities');
  });
});
