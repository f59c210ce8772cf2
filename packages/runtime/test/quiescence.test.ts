import { describe, expect, test } from 'vitest';
import { AddingMachine } from './adding-machine.ts';
import { VirtualCluster } from './virtual-cluster.ts';

const machine = () => new AddingMachine();
const add = (input: number) => ({ type: 'add', input });

async function asleep() {
  const cluster = new VirtualCluster({ machine, raft: { quiesceAfterMs: 300 } });
  await cluster.startAll();
  const leader = await cluster.elect();
  await cluster.settled(cluster.group(leader).execute(add(1)));
  const sent = { count: 0 };
  cluster.lose = () => {
    sent.count++;
    return false;
  };
  await cluster.time.pass(2000);
  sent.count = 0;
  return { cluster, leader, sent };
}

describe('a group with nothing to do', () => {
  test('is silent, and keeps its leader', async () => {
    const { cluster, leader, sent } = await asleep();
    await cluster.time.pass(60_000);
    expect(sent.count).toBe(0);
    expect(cluster.leader()).toBe(leader);
  });

  test('serves at once when somebody calls, on any member', async () => {
    const { cluster, leader } = await asleep();
    for (const id of cluster.running) {
      await cluster.settled(cluster.group(id).execute(add(id)));
      await cluster.time.pass(5000);
    }
    expect((await cluster.settled(cluster.group((leader % 3) + 1).query('all', null))).result).toHaveLength(4);
  });

  test('elects another leader when the host of its leader is lost', async () => {
    const { cluster, leader } = await asleep();
    cluster.crash(leader);
    await cluster.time.until('another one leads', () => cluster.leader() !== null, 3000);
  });

  test('takes a member that restarts in again', async () => {
    const { cluster, leader } = await asleep();
    const other = (leader % 3) + 1;
    cluster.crash(other);
    await cluster.time.pass(3000);
    await cluster.start(other);
    await cluster.time.until('it follows again', () => cluster.group(other).status().leader !== null, 5000);
    expect(cluster.leader()).toBe(leader);
  });

  test('sleeps also where a host was never there', async () => {
    const cluster = new VirtualCluster({ machine, raft: { quiesceAfterMs: 300 } });
    await cluster.startAll();
    await cluster.elect();
    for (const id of [1, 2, 3]) cluster.crash(id);
    await cluster.start(1);
    await cluster.start(2);
    await cluster.elect();
    await cluster.time.pass(5000);
    const sent = { count: 0 };
    cluster.lose = () => {
      sent.count++;
      return false;
    };
    await cluster.time.pass(10_000);
    expect(sent.count).toBe(0);
  });
});

describe('many groups on one host', () => {
  test('beat together: their heartbeats to one peer are one batch', async () => {
    const cluster = new VirtualCluster({ machine, groups: 40 });
    await cluster.startAll();
    await cluster.time.pass(10_000);
    const before = { ...cluster.sent };
    await cluster.time.pass(10_000);
    const messages = cluster.sent.messages - before.messages;
    const batches = cluster.sent.batches - before.batches;
    // Eight beats a second, each to two peers and answered.
    expect(messages).toBeGreaterThan(40 * 8 * 10 * 2 * 2 * 0.9);
    expect(messages / batches).toBeGreaterThan(8);
  });
});
