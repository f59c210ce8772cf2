import type { EffectContext } from '@flotilla/state-machine';
import { describe, expect, test } from 'vitest';
import { ledger, tableLedger } from './ledger.ts';
import { journalOf, ledgerCluster } from './ledger-cluster.ts';

describe.each([
  ['in memory', ledger],
  ['in tables', tableLedger],
])('of a machine %s', (_where, program) => {
  test('a timer that is due while the leader is down fires once, after the failover', async () => {
    const { cluster, leader, execute } = await ledgerCluster({ program: () => program });
    const at = cluster.time.wallTime() + 200;
    await execute(leader, 'remind', { at });
    cluster.crash(leader);
    const next = await cluster.elect();
    await cluster.time.pass(3000);
    await cluster.start(leader);
    await cluster.elect();
    await cluster.time.pass(3000);
    const rang = [{ type: 'rang', data: { at, late: expect.any(Number) } }];
    for (const id of [leader, next]) expect(await journalOf(cluster, id)).toEqual(rang);
  });

  test('a timer that fires on time leaves nothing to do', async () => {
    const { cluster, leader, execute } = await ledgerCluster({ program: () => program });
    const at = cluster.time.wallTime() + 30_000;
    const { index } = await execute(leader, 'remind', { at });
    await cluster.time.pass(120_000);
    expect(await journalOf(cluster, leader)).toEqual([{ type: 'rang', data: { at, late: 0 } }]);
    expect(cluster.group(leader).status().lastIndex).toBe(index + 1);
  });

  test('an effect that is under way when the leader dies is carried out by the next, and acknowledged once', async () => {
    const tries: { member: number; id: string }[] = [];
    const handlers = (member: number) => ({
      mail: (_to: unknown, { id }: EffectContext) => {
        tries.push({ member, id });
        return tries.length === 1 ? new Promise(() => {}) : `by ${member}`;
      },
    });
    const { cluster, leader, execute } = await ledgerCluster({ program: () => program, handlers });
    await execute(leader, 'mail', 'ada');
    await cluster.time.until('it is tried', () => tries.length > 0);
    cluster.crash(leader);
    const next = await cluster.elect();
    await cluster.time.pass(3000);
    expect(tries).toEqual([leader, next].map((member) => ({ member, id: tries[0]?.id })));
    await cluster.start(leader);
    await cluster.elect();
    await cluster.time.pass(1000);
    for (const id of [1, 2, 3]) expect(await journalOf(cluster, id)).toEqual([{ type: 'mailed', data: `by ${next}` }]);
  });
});
