import { isTransportError } from '@flotilla/transport';
import { numbered, numberedBytes } from '@flotilla/transport/testing';
import { describe, expect, test } from 'vitest';
import { NetworkCluster } from './network-cluster.ts';

describe('lives of hosts on a simulated network', () => {
  test('a killed process is missed at once', async () => {
    const cluster = await NetworkCluster.started();
    cluster.host(2).process.kill();
    cluster.network.killed(2);
    await cluster.pass(5);
    expect(cluster.told(1)).toEqual(['+2', '+3', '-2']);
    expect(cluster.send(1, 2, 1)).toBe(false);
    expect(cluster.send(2, 1, 1)).toBe(false);
    await cluster.start(2);
    await cluster.pass(50);
    expect(await cluster.reaches(1, 2)).toBe(true);
    expect(await cluster.reaches(2, 1)).toBe(true);
  });

  test('what a process sent before it was killed arrives', async () => {
    const cluster = await NetworkCluster.started({ profile: { delayMs: 20 } });
    await cluster.pass(200);
    cluster.send(2, 1, 1);
    cluster.host(2).process.kill();
    cluster.network.killed(2);
    await cluster.pass(100);
    expect(cluster.ids(1, 2)).toEqual([1]);
  });

  test('a machine without power is missed within the liveness timeout', async () => {
    const cluster = await NetworkCluster.started();
    const diedAt = cluster.world.now;
    cluster.host(2).process.kill();
    expect(cluster.send(1, 2, 1)).toBe(true);
    await cluster.pass(3_000);
    const lost = cluster.host(1).told.at(-1);
    expect(lost?.what).toBe('-2');
    expect((lost?.at ?? 0) - diedAt).toBeGreaterThan(2_000);
    expect(cluster.network.counts.lost).toBe(1);
  });

  test('a machine that has power again makes its peers connect anew', async () => {
    const cluster = await NetworkCluster.started();
    cluster.host(2).process.kill();
    await cluster.pass(200);
    await cluster.start(2);
    await cluster.pass(5);
    // What was sent over the connection to the life before comes back as unknown.
    expect(cluster.send(1, 2, 1)).toBe(true);
    await cluster.pass(100);
    expect(cluster.told(1)).toEqual(['+2', '+3', '-2', '+2']);
    expect(await cluster.reaches(1, 2)).toBe(true);
    expect(await cluster.reaches(2, 1)).toBe(true);
    expect(cluster.ids(2, 1)).toEqual([1_000_000]);
    await cluster.pass(5_000);
    expect(cluster.told(1)).toEqual(['+2', '+3', '-2', '+2']);
  });

  test('a paused process keeps its connections for a while; what is sent to it waits', async () => {
    const cluster = await NetworkCluster.started();
    const { process } = cluster.host(2);
    process.pause();
    for (let id = 1; id <= 3; id++) cluster.send(1, 2, id);
    await cluster.pass(1_500);
    expect(cluster.ids(2, 1)).toEqual([]);
    process.resume();
    await cluster.pass(1);
    expect(cluster.ids(2, 1)).toEqual([1, 2, 3]);
    await cluster.pass(5_000);
    expect(cluster.told(1)).toEqual(['+2', '+3']);
    expect(cluster.told(2)).toEqual(['+1', '+3']);
  });

  test('a process that is paused for long is lost, and does not take that for the absence of others', async () => {
    const cluster = await NetworkCluster.started();
    const { process } = cluster.host(2);
    process.pause();
    cluster.send(1, 2, 1);
    await cluster.pass(20_000);
    expect(cluster.told(1)).toEqual(['+2', '+3', '-2']);
    expect(cluster.send(1, 2, 2)).toBe(false);
    process.resume();
    await cluster.pass(8_000);
    expect(cluster.told(2)).toEqual(['+1', '+3']);
    expect(cluster.told(1)).toEqual(['+2', '+3', '-2', '+2']);
    // It had arrived before the connection was given up.
    expect(cluster.ids(2, 1)).toEqual([1]);
    expect(await cluster.reaches(1, 2)).toBe(true);
  });

  test.each(['pause', 'silence'] as const)('what waits for one that does not read is bounded (%s)', async (how) => {
    const cluster = await NetworkCluster.started({ profile: { queueBytesMax: 10_000 } });
    if (how === 'pause') cluster.host(2).process.pause();
    else cluster.network.faults.silence(2);
    let taken = 0;
    while (cluster.host(1).transport.send(2, [numberedBytes(taken, 1_000)])) taken++;
    expect(taken).toBe(9);
    await cluster.pass(100);
    expect(cluster.send(1, 2, 1)).toBe(true);
    expect(cluster.host(1).transport.send(2, [numberedBytes(1, 1_000)])).toBe(false);
    expect(await cluster.reaches(1, 3)).toBe(true);
    cluster.host(2).process.resume();
    cluster.network.healAll();
    await cluster.pass(10);
    expect(cluster.ids(2, 1)).toHaveLength(10);
    expect(cluster.host(1).transport.send(2, [numberedBytes(2, 1_000)])).toBe(true);
  });

  test('takes no message above the largest frame', async () => {
    const cluster = await NetworkCluster.started({ profile: { frameBytesMax: 1_000 } });
    expect(cluster.host(1).transport.send(2, [numbered(1), numberedBytes(2, 1_000)])).toBe(false);
    expect(cluster.host(1).transport.send(2, [numberedBytes(3, 600), numberedBytes(4, 600)])).toBe(true);
    await cluster.pass(10);
    expect(cluster.ids(2, 1)).toEqual([3, 4]);
    expect(cluster.network.counts.refused).toBe(2);
  });

  test('a member of which one life runs does not begin another', async () => {
    const cluster = await NetworkCluster.started();
    cluster.host(2).process.pause();
    const error = await cluster.start(2).catch((reason: unknown) => reason);
    expect(isTransportError(error, 'port_in_use')).toBe(true);
  });
});
