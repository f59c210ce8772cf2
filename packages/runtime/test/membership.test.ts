import { describe, expect, test } from 'vitest';
import { AddingMachine } from './adding-machine.ts';
import { VirtualCluster } from './virtual-cluster.ts';

const machine = () => new AddingMachine();
const add = (input: number) => ({ type: 'add', input });
const newcomer = (id: number, role: 'voter' | 'learner' | 'witness' = 'voter') => ({
  id,
  peerAddress: `peer-${id}`,
  clientAddress: `client-${id}`,
  role,
});

async function started(options: { members?: number; joiners?: number; witnesses?: readonly number[] }) {
  const cluster = new VirtualCluster({ machine, ...options });
  await cluster.startAll();
  await cluster.time.until('somebody leads', () => cluster.leader() !== null);
  const leader = cluster.leader() ?? 0;
  await cluster.settled(cluster.group(leader).execute(add(0)));
  return { cluster, leader };
}

describe('membership', () => {
  test('one member grows to three, and each of them can be replaced', async () => {
    const { cluster } = await started({ members: 1, joiners: 5 });
    const leading = () => cluster.group(cluster.leader() ?? 0);
    const voters = () =>
      leading()
        .status()
        .members.filter(({ role }) => role === 'voter');
    const isSettled = () => !leading().status().changeUnderWay;
    await cluster.settled(cluster.group(1).execute(add(1)));
    for (const id of [2, 3]) {
      await cluster.settled(leading().changeMembership({ add: [newcomer(id)] }));
      await cluster.time.until(`${id} votes`, () => voters().some((member) => member.id === id) && isSettled());
    }
    for (const [leaves, comes] of [
      [1, 4],
      [2, 5],
      [3, 6],
    ] as const) {
      await cluster.time.until('somebody leads', () => cluster.leader() !== null);
      await cluster.settled(leading().changeMembership({ add: [newcomer(comes)], remove: [leaves] }));
      await cluster.time.until(`${comes} has taken the place of ${leaves}`, () => {
        const leader = cluster.leader();
        const ids = leader === null ? [] : voters().map(({ id }) => id);
        return ids.includes(comes) && !ids.includes(leaves) && isSettled();
      });
      await cluster.time.until('it knows', () => cluster.group(leaves).status().standing === 'removed');
      cluster.crash(leaves);
      await cluster.settled(leading().execute(add(comes)));
    }
    // Whoever leaves is spoken to a little longer.
    await cluster.time.pass(1100);
    for (const id of [4, 5, 6]) {
      expect((await cluster.settled(cluster.group(id).query('all', null))).result).toEqual([0, 1, 4, 5, 6]);
      expect([...cluster.slot(id).peers.addresses.keys()].sort()).toEqual([4, 5, 6].filter((other) => other !== id));
    }
  });

  test('a removed member turns calls away and says why', async () => {
    const { cluster, leader } = await started({ members: 3 });
    const leaves = (leader % 3) + 1;
    await cluster.settled(cluster.group(leader).changeMembership({ remove: [leaves] }));
    await cluster.time.until('it knows', () => cluster.group(leaves).status().standing === 'removed');
    await expect(cluster.group(leaves).execute(add(1))).rejects.toMatchObject({ code: 'member_removed', outcome: 'not-applied' });
    await cluster.settled(cluster.group(leader).execute(add(1)));
    // It remembers that, whoever restarts it.
    cluster.crash(leaves);
    await cluster.start(leaves);
    expect(cluster.group(leaves).status()).toMatchObject({ standing: 'removed', role: 'follower' });
    await cluster.time.pass(5000);
    expect(cluster.group(leader).status()).toMatchObject({ role: 'leader', term: 1 });
  });

  test('calls on a member that is being removed end, with what became of them', async () => {
    for (const victim of ['leader', 'follower'] as const) {
      const { cluster, leader } = await started({ members: 3 });
      const leaves = victim === 'leader' ? leader : (leader % 3) + 1;
      const writes = Array.from({ length: 50 }, (_, i) => {
        const write = () => cluster.group(leaves).execute(add(i), { timeoutMs: 60_000 });
        return new Promise((resolve, reject) => cluster.time.after(i / 10, () => write().then(resolve, reject)));
      });
      cluster.time.after(2, () =>
        cluster
          .group(leader)
          .changeMembership({ remove: [leaves] })
          .catch(() => {}),
      );
      const before = cluster.time.now();
      const results = await cluster.settled(Promise.allSettled(writes));
      expect(cluster.time.now() - before).toBeLessThan(3000);
      for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ outcome: 'not-applied' });
    }
  });

  test('a membership survives a restart of everybody', async () => {
    const { cluster, leader } = await started({ members: 1, joiners: 1 });
    await cluster.settled(cluster.group(leader).changeMembership({ add: [newcomer(2)] }));
    await cluster.time.until('2 votes', () => cluster.group(2).status().standing === 'voter' && cluster.group(2).status().commitIndex >= 5);
    for (const id of cluster.running) cluster.crash(id);
    await cluster.startAll();
    await cluster.elect();
    expect(
      cluster
        .group(1)
        .status()
        .members.map(({ id, role }) => [id, role]),
    ).toEqual([
      [1, 'voter'],
      [2, 'voter'],
    ]);
  });

  test('a learner serves what is committed and decides nothing', async () => {
    const { cluster, leader } = await started({ members: 1, joiners: 1 });
    await cluster.settled(cluster.group(leader).changeMembership({ add: [newcomer(2, 'learner')] }));
    await cluster.time.until(
      'it knows its leader',
      () => cluster.group(2).status().leader === 1 && cluster.group(2).status().standing === 'learner',
    );
    await cluster.settled(cluster.group(2).execute(add(7)));
    expect((await cluster.settled(cluster.group(2).query('all', null))).result).toEqual([0, 7]);
    cluster.crash(2);
    await cluster.settled(cluster.group(1).execute(add(8)));
  });

  test('a witness keeps a majority without keeping data', async () => {
    const { cluster } = await started({ members: 3, witnesses: [3] });
    const leader = cluster.leader() ?? 0;
    const other = leader === 1 ? 2 : 1;
    cluster.crash(other);
    await cluster.settled(cluster.group(leader).execute(add(5)));
    await expect(cluster.group(3).query('all', null)).rejects.toMatchObject({ code: 'member_is_witness' });
    expect(
      cluster
        .slot(3)
        .disk.logs.get(1)
        ?.entries.map(({ payload }) => payload.length),
    ).toEqual([0, 0, 0]);
  });

  test('a witness that has compacted its log starts again', async () => {
    const cluster = new VirtualCluster({ members: 3, witnesses: [3], machine: () => new AddingMachine(), raft: { trailingEntries: 2 } });
    await cluster.startAll();
    const leader = await cluster.elect();
    for (let n = 1; n <= 20; n++) await cluster.settled(cluster.group(leader).execute({ type: 'add', input: n }));
    await cluster.time.pass(1000);
    cluster.crash(3);
    await cluster.start(3);
    await cluster.elect();
    cluster.crash([1, 2].find((id) => id !== leader) ?? 0);
    await cluster.settled(cluster.group(leader).execute({ type: 'add', input: 21 }));
    expect(cluster.group(3).status()).toMatchObject({ standing: 'witness', role: 'follower' });
  });

  test('refusals say what to do', async () => {
    const { cluster, leader } = await started({ members: 3 });
    const follower = (leader % 3) + 1;
    const change = (id: number, what: Parameters<ReturnType<typeof cluster.group>['changeMembership']>[0]) =>
      cluster.settled(cluster.group(id).changeMembership(what));
    await cluster.settled(cluster.group(leader).execute(add(1)));
    await expect(change(follower, { remove: [1] })).rejects.toMatchObject({ code: 'not_leader' });
    await expect(change(leader, {})).rejects.toMatchObject({ code: 'nothing_to_change' });
    await expect(change(leader, { remove: [9] })).rejects.toMatchObject({ code: 'unknown_member' });
    await expect(change(leader, { add: [newcomer(2)] })).rejects.toMatchObject({ code: 'member_id_used' });
    await expect(change(leader, { promote: [2] })).rejects.toMatchObject({ code: 'not_a_learner' });
    await expect(change(leader, { remove: [1, 2, 3] })).rejects.toMatchObject({ code: 'no_voter_left' });
    await change(leader, { add: [newcomer(4)] });
    await expect(change(leader, { remove: [follower] })).rejects.toMatchObject({ code: 'change_under_way' });
    await change(leader, { remove: [4] });
  });
});

describe('transfer of leadership', () => {
  test('hands over without a failed write', async () => {
    const { cluster, leader } = await started({ members: 3 });
    const target = (leader % 3) + 1;
    const calls = Array.from({ length: 20 }, (_, i) => cluster.group(((leader + i) % 3) + 1).execute(add(i)));
    const transferred = cluster.settled(cluster.group(leader).transferLeadership(target));
    await transferred;
    await cluster.time.until('the target leads', () => cluster.leader() === target);
    const results = await cluster.settled(Promise.allSettled(calls));
    // What was turned away entered no log: none is in doubt.
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toMatchObject({ outcome: 'not-applied' });
  });

  test('goes on leading where the target is gone, and takes what waited', async () => {
    const { cluster, leader } = await started({ members: 3 });
    const target = (leader % 3) + 1;
    cluster.crash(target);
    await cluster.settled(cluster.group(leader).execute(add(1)));
    const transfer = cluster.group(leader).transferLeadership(target);
    const write = cluster.group(leader).execute(add(2));
    await expect(cluster.settled(transfer)).rejects.toMatchObject({ code: 'transfer_timeout' });
    await cluster.settled(write);
    expect(cluster.leader()).toBe(leader);
  });

  test('refuses a target that cannot lead', async () => {
    const { cluster, leader } = await started({ members: 3 });
    await expect(cluster.settled(cluster.group(leader).transferLeadership(leader))).rejects.toMatchObject({ code: 'invalid_target' });
    await expect(cluster.settled(cluster.group((leader % 3) + 1).transferLeadership(leader))).rejects.toMatchObject({ code: 'not_leader' });
  });
});
