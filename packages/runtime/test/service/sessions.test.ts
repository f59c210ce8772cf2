import { describe, expect, test } from 'vitest';
import { ledger, tableLedger } from './ledger.ts';
import { journalOf, ledgerCluster } from './ledger-cluster.ts';

describe.each([
  ['in memory', ledger],
  ['in tables', tableLedger],
])('a session of a machine %s', (_where, program) => {
  const started = async () => {
    const { cluster, leader, total } = await ledgerCluster({ program: () => program });
    const { session } = await cluster.settled(cluster.group(leader).openSession(20_000));
    const add = (member: number, sequence: number, acknowledged = 1) => {
      const stamp = { session, sequence, acknowledged };
      return cluster.settled(cluster.group(member).execute({ type: 'add', input: 5 }, { stamp }));
    };
    return { cluster, leader, total, session, add };
  };

  test('lets a command count once, whoever leads and whoever is asked', async () => {
    const { cluster, leader, total, session, add } = await started();
    const first = await add(leader, 1);
    expect(first.outcome).toMatchObject({ reply: { by: 5, session } });
    cluster.crash(leader);
    const next = await cluster.elect();
    expect(await add(next, 1)).toMatchObject({ index: first.index, term: first.term, outcome: { reply: { by: 5, session } } });
    await cluster.time.pass(2000);
    await cluster.start(leader);
    await cluster.elect();
    expect(await add(leader, 1)).toMatchObject({ index: first.index, outcome: { reply: { by: 5, session } } });
    expect(await total(leader)).toBe(5);
    expect(await journalOf(cluster, leader)).toEqual([{ type: 'added', data: 5 }]);
    await add(leader, 2);
    expect(await total(next)).toBe(10);
  });

  test('is known after a restart of all, and to whoever gets a snapshot', async () => {
    const { cluster, leader, total, add } = await started();
    await add(leader, 1);
    for (const id of [1, 2, 3]) await cluster.settled(cluster.group(id).takeSnapshot());
    for (const id of [1, 2, 3]) cluster.crash(id);
    await cluster.time.pass(2000);
    for (const id of [1, 2, 3]) await cluster.start(id);
    await add(await cluster.elect(), 1);
    expect(await total(1)).toBe(5);
  });

  test('expires by itself, unless it is kept', async () => {
    const { cluster, leader, session, add } = await started();
    for (let i = 0; i < 3; i++) {
      await cluster.time.pass(15_000);
      await cluster.settled(cluster.group(leader).keepSession(session));
    }
    await add(leader, 1);
    await cluster.time.pass(21_000);
    const { lastIndex } = cluster.group(leader).status();
    await expect(add(leader, 2)).rejects.toMatchObject({ code: 'session_expired', outcome: 'not-applied' });
    // Its end was an entry that nobody else gave occasion to; now nothing is due any more.
    await cluster.time.pass(60_000);
    expect(cluster.group(leader).status().lastIndex).toBe(lastIndex + 1);
    await expect(cluster.settled(cluster.group(leader).keepSession(session))).rejects.toMatchObject({ code: 'session_expired' });
  });
});
