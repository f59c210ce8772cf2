import { describe, expect, test } from 'vitest';
import { fakeCluster } from './fake-cluster.ts';

describe('the states of replicas', () => {
  test('are compared at intervals, as long as they change', async () => {
    const { cluster, leader, execute } = await fakeCluster({ stateComparisonMs: 5000 });
    await cluster.time.pass(20_000);
    const before = cluster.group(leader).status().lastIndex;
    await execute(leader, 'note', 1);
    await cluster.time.pass(60_000);
    // The note, one comparison, and three reports.
    expect(cluster.group(leader).status().lastIndex).toBe(before + 5);
  });

  test('are never compared where the configuration says so', async () => {
    const { cluster, leader, execute } = await fakeCluster({ stateComparisonMs: 0 });
    const { index } = await execute(leader, 'note', 1);
    await cluster.time.pass(60_000);
    expect(cluster.group(leader).status().lastIndex).toBe(index);
  });
});

test.each(['leader', 'follower'])('a %s whose state is another one stops, and the others go on and say so', async (role) => {
  let spoilt = 0;
  const found = await fakeCluster({ stateComparisonMs: 5000 });
  spoilt = role === 'leader' ? found.leader : (found.leader % 3) + 1;
  const { cluster, execute, lines } = await fakeCluster({ stateComparisonMs: 5000, spoilt: (member) => (member === spoilt ? 1 : 0) });
  const failures: { member: number; reason: unknown }[] = [];
  for (const member of [1, 2, 3]) cluster.slot(member).host?.onFailure((reason) => failures.push({ member, reason }));
  const other = (spoilt % 3) + 1;
  await execute(other, 'note', 1);
  await cluster.time.until('it stops', () => failures.length > 0);
  cluster.crash(spoilt);
  await cluster.elect();
  await execute(other, 'note', 2);
  expect(failures).toEqual([{ member: spoilt, reason: expect.objectContaining({ code: 'state_diverged' }) }]);
  expect(String(failures[0]?.reason)).toContain('since entry 7');
  const named = lines.filter(({ message }) => message.includes('differs from that of the majority'));
  expect(named.map(({ fields }) => fields)).toEqual([1, 2].map(() => ({ group: 1, members: [spoilt], index: 7, agreedIndex: 6 })));
});

test('states of which no majority agrees stop nobody: all members say so and go on', async () => {
  const { cluster, leader, execute, lines } = await fakeCluster({ stateComparisonMs: 5000, spoilt: (member) => member });
  const failures: unknown[] = [];
  for (const member of [1, 2, 3]) cluster.slot(member).host?.onFailure((reason) => failures.push(reason));
  await execute(leader, 'note', 1);
  await cluster.time.until('all say so', () => lines.length >= 3);
  await execute(leader, 'note', 2);
  await cluster.time.pass(20_000);
  expect(failures).toEqual([]);
  expect(lines.map(({ member }) => member).sort()).toEqual([1, 2, 3]);
  const fields = expect.objectContaining({ group: 1, members: [1, 2, 3], index: 7, agreedIndex: 6 });
  for (const line of lines) expect(line).toMatchObject({ fields, message: expect.stringContaining('since entry 7, and no majority') });
});
