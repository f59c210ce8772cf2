import { describe, expect, test } from 'vitest';
import { fakeCluster } from './fake-cluster.ts';

describe('the leader', () => {
  test('lets log time pass when something is due, and not before', async () => {
    const { cluster, leader, history, execute } = await fakeCluster();
    await execute(leader, 'schedule', { at: cluster.time.wallTime() + 3000, name: 'tea' });
    await cluster.time.pass(2900);
    expect(await history(leader)).toEqual([]);
    await cluster.time.pass(200);
    expect(await history(leader)).toEqual(['fired tea', 'clock']);
  });

  test('appends nothing where nothing is due', async () => {
    const { cluster, leader, history, execute } = await fakeCluster();
    await execute(leader, 'schedule', { at: cluster.time.wallTime() + 1000, name: 'tea' });
    await cluster.time.pass(2000);
    const { lastIndex } = cluster.group(leader).status();
    await cluster.time.pass(120_000);
    expect(cluster.group(leader).status().lastIndex).toBe(lastIndex);
    expect(await history(leader)).toEqual(['fired tea', 'clock']);
  });

  test('leaves it to a command that comes at the right time', async () => {
    const { cluster, leader, history, execute } = await fakeCluster();
    await execute(leader, 'schedule', { at: cluster.time.wallTime() + 1, name: 'tea' });
    expect(await history(leader)).not.toContain('fired tea');
    await cluster.time.pass(1);
    await execute(leader, 'note', 1);
    await cluster.time.pass(1000);
    const all = await history(leader);
    expect(all.filter((line) => line === 'fired tea')).toHaveLength(1);
  });

  test('wakes its sleeping group for it', async () => {
    const { cluster, leader, history, execute } = await fakeCluster({ raft: { quiesceAfterMs: 300 } });
    await execute(leader, 'schedule', { at: cluster.time.wallTime() + 200_000, name: 'tea' });
    await cluster.time.pass(5000);
    const { messages } = cluster.sent;
    await cluster.time.pass(190_000);
    expect(cluster.sent.messages).toBe(messages);
    await cluster.time.pass(6000);
    expect(await history(leader)).toContain('fired tea');
  });
});

test('what is due while the leader is down fires once, with the next leader', async () => {
  const { cluster, leader, history, execute } = await fakeCluster();
  await execute(leader, 'schedule', { at: cluster.time.wallTime() + 300, name: 'tea' });
  cluster.crash(leader);
  const next = await cluster.elect();
  await cluster.time.pass(2000);
  expect((await history(next)).filter((line) => line === 'fired tea')).toHaveLength(1);
  await cluster.start(leader);
  await cluster.time.pass(5000);
  expect(await history(leader)).toEqual(await history(next));
});
