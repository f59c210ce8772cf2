import { describe, expect, test } from 'vitest';
import { AddingMachine } from './adding-machine.ts';
import { VirtualCluster } from './virtual-cluster.ts';

const machine = () => new AddingMachine();
const add = (input: number) => ({ type: 'add', input });

describe('lost answers', () => {
  test('to proposals leave room for the next ones', async () => {
    const cluster = new VirtualCluster({ machine, limits: { offeredBytesMax: 64 } });
    await cluster.startAll();
    const leader = await cluster.elect();
    const follower = (leader % 3) + 1;
    cluster.lose = (_from, _to, { kind }) => kind === 'propose-reply';
    const calls = Array.from({ length: 64 }, (_, i) => cluster.group(follower).execute(add(i)));
    for (const { status } of await cluster.settled(Promise.allSettled(calls))) expect(status).toBe('rejected');
    cluster.lose = () => false;
    await cluster.settled(cluster.group(follower).execute(add(64)));
  });

  test('to a round leave a read waiting for the next heartbeat, however much is written meanwhile', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.startAll();
    const leader = await cluster.elect();
    await cluster.settled(cluster.group(leader).execute(add(0)));
    let lost = 0;
    cluster.lose = (_from, _to, { kind }) => kind === 'heartbeat-reply' && lost < 2 && ++lost > 0;
    let isServed = false;
    const read = cluster.group(leader).query('all', null, { timeoutMs: 1000 });
    read.then(() => {
      isServed = true;
    });
    // Steady writes: nobody is sent a heartbeat for want of other words.
    for (let i = 1; !isServed; i++) await cluster.settled(cluster.group(leader).execute(add(i)));
    await read;
  });

  test('to a forwarded read make the reader ask again', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.startAll();
    const leader = await cluster.elect();
    await cluster.settled(cluster.group(leader).execute(add(0)));
    let lost = 0;
    cluster.lose = (_from, _to, { kind }) => kind === 'read-index-reply' && ++lost <= 2;
    const before = cluster.time.now();
    expect((await cluster.settled(cluster.group((leader % 3) + 1).query('all', null))).result).toEqual([0]);
    expect(lost).toBe(3);
    expect(cluster.time.now() - before).toBeLessThan(2000);
  });
});
