import { describe, expect, test } from 'vitest';
import { AddingMachine } from './adding-machine.ts';
import { VirtualCluster } from './virtual-cluster.ts';

const machine = () => new AddingMachine();
const add = (input: number) => ({ type: 'add', input });

describe('a new group', () => {
  test('begins when all its founders have met, and says so until then', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.start(1);
    await cluster.start(2);
    await cluster.time.pass(60_000);
    for (const id of [1, 2]) {
      expect(cluster.group(id).status()).toMatchObject({ standing: 'founding', role: 'follower', term: 0 });
      await expect(cluster.group(id).execute(add(1))).rejects.toMatchObject({ code: 'not_a_member', outcome: 'not-applied' });
      await expect(cluster.group(id).query('all', null, { consistency: 'stale' })).rejects.toMatchObject({ code: 'not_a_member' });
    }
    await cluster.start(3);
    const leader = await cluster.elect();
    await cluster.settled(cluster.group(leader).execute(add(1)));
  });

  test('a founder that has begun needs nobody to begin again', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.startAll();
    await cluster.elect();
    for (const id of cluster.running) cluster.crash(id);
    await cluster.start(1);
    await cluster.start(2);
    const leader = await cluster.elect();
    await cluster.settled(cluster.group(leader).execute(add(1)));
  });

  test('a founder whose directory was emptied does not take part while one of the others is away, or refuses it', async () => {
    const cluster = new VirtualCluster({ machine });
    await cluster.startAll();
    const leader = await cluster.elect();
    await cluster.settled(cluster.group(leader).execute(add(1)));
    const [lost = 0, away = 0] = [1, 2, 3].filter((id) => id !== leader);
    cluster.crash(lost);
    cluster.crash(away);
    cluster.empty(lost);
    await cluster.start(lost);
    await cluster.time.pass(60_000);
    expect(cluster.group(lost).status()).toMatchObject({ standing: 'founding', term: 0 });
    expect(cluster.leader()).toBeNull();
  });
});
