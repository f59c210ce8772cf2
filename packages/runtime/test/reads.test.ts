import { describe, expect, test } from 'vitest';
import { AddingMachine } from './adding-machine.ts';
import { VirtualCluster } from './virtual-cluster.ts';

const machine = () => new AddingMachine();
const add = (input: number) => ({ type: 'add', input });

async function started() {
  const cluster = new VirtualCluster({ machine });
  await cluster.startAll();
  const leader = await cluster.elect();
  await cluster.settled(cluster.group(leader).execute(add(1)));
  const rounds = { count: 0 };
  cluster.lose = (_from, _to, message) => {
    if (message.kind === 'heartbeat' && message.round > 0) rounds.count++;
    return false;
  };
  return { cluster, leader, rounds };
}

describe('reads', () => {
  test('all reads of a turn share one round', async () => {
    const { cluster, leader, rounds } = await started();
    const reads = Array.from({ length: 50 }, () => cluster.group(leader).query('all', null));
    await cluster.settled(Promise.all(reads));
    expect(rounds.count).toBeLessThanOrEqual(2);
  });

  test('a lease answers without a round, and not while leadership is handed over', async () => {
    const { cluster, leader, rounds } = await started();
    await cluster.time.until('a round is confirmed', () => rounds.count >= 2);
    await cluster.time.pass(10);
    rounds.count = 0;
    const before = cluster.time.now();
    expect(await cluster.settled(cluster.group(leader).query('all', null, { consistency: 'lease' }))).toMatchObject({ result: [1] });
    expect(cluster.time.now()).toBe(before);
    expect(rounds.count).toBe(0);
    cluster.lose = (_from, _to, { kind }) => {
      if (kind === 'heartbeat') rounds.count++;
      return kind === 'timeout-now';
    };
    const transfer = cluster.group(leader).transferLeadership((leader % 3) + 1);
    await cluster.settled(cluster.group(leader).query('all', null, { consistency: 'lease' }));
    expect(rounds.count).toBeGreaterThan(0);
    await expect(cluster.settled(transfer)).rejects.toMatchObject({ code: 'transfer_timeout' });
  });

  test('a lease that ended while the process stood still is not relied upon', async () => {
    const { cluster, leader, rounds } = await started();
    await cluster.time.until('a round is confirmed', () => rounds.count >= 2);
    await cluster.time.pass(10);
    rounds.count = 0;
    cluster.time.standStillInNextDecision(400);
    expect(await cluster.settled(cluster.group(leader).query('all', null, { consistency: 'lease' }))).toMatchObject({ result: [1] });
    expect(rounds.count).toBeGreaterThan(0);
  });

  test('a stale read with a bound asks the leader only where it does not know enough', async () => {
    const { cluster, leader } = await started();
    const follower = (leader % 3) + 1;
    const asked = { count: 0 };
    cluster.lose = (_from, _to, { kind }) => {
      if (kind === 'read-index') asked.count++;
      return false;
    };
    const read = () => cluster.settled(cluster.group(follower).query('all', null, { consistency: 'stale', maxStalenessMs: 200 }));
    expect((await read()).result).toEqual([1]);
    expect((await read()).result).toEqual([1]);
    expect(asked.count).toBe(1);
    await cluster.time.pass(201);
    await read();
    expect(asked.count).toBe(2);
    cluster.lose = (from, to) => from === follower || to === follower;
    await cluster.time.pass(3000);
    await expect(read()).rejects.toMatchObject({ outcome: 'not-applied' });
    const anyAge = await cluster.settled(cluster.group(follower).query('all', null, { consistency: 'stale' }));
    expect(anyAge.result).toEqual([1]);
  });
});
