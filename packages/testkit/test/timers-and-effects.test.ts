import { describe, expect, test } from 'vitest';
import { testCluster } from '../src/index.ts';
import { reminders } from './reminders.ts';

describe('a timer', () => {
  test('rings at its log time while nobody calls, and not before', async () => {
    await using cluster = testCluster(reminders);
    const client = cluster.client();
    const at = await client.remind({ name: 'tea', inMs: 60_000 });
    await cluster.advance(59_000);
    expect(await client.rung()).toEqual([]);
    await cluster.advance(2000);
    const [rung, ...others] = await client.rung();
    expect(others).toEqual([]);
    expect(rung).toMatchObject({ name: 'tea', due: at });
    expect((rung?.at ?? 0) - at).toBeLessThan(100);
  });

  test('can be taken back, and set anew', async () => {
    await using cluster = testCluster(reminders);
    const client = cluster.client();
    await client.remind({ name: 'tea', inMs: 1000 });
    await client.remind({ name: 'bath', inMs: 1000 });
    await client.forget({ name: 'tea' });
    const later = await client.remind({ name: 'bath', inMs: 5000 });
    await cluster.advance(10_000);
    expect((await client.rung()).map(({ name, due }) => [name, due])).toEqual([['bath', later]]);
  });

  test.each([1, 2, 3])('that is due while the leader dies rings once (seed %i)', async (seed) => {
    await using cluster = testCluster(reminders, { seed });
    const client = cluster.client();
    const at = await client.remind({ name: 'tea', inMs: 5000 });
    await cluster.until(() => cluster.now >= at - 5);
    const dead = await cluster.leader();
    cluster.kill(dead);
    await cluster.advance(10_000);
    await cluster.restart(dead);
    await cluster.advance(1000);
    const rung = await client.rung();
    expect(rung).toMatchObject([{ name: 'tea', due: at }]);
    expect(rung[0]?.at).toBeGreaterThanOrEqual(at);
    expect(cluster.events().filter(({ type }) => type === 'rang')).toHaveLength(1);
  });

  test('survives a power cut of everybody, and a snapshot', async () => {
    await using cluster = testCluster(reminders, { snapshot: { entries: 5 }, raft: { trailingEntries: 0 } });
    const client = cluster.client();
    const at = await client.remind({ name: 'tea', inMs: 30_000 });
    for (let i = 0; i < 20; i++) await client.forget({ name: `nothing ${i}` });
    for (const member of cluster.members) cluster.powerCut(member);
    await cluster.advance(60_000);
    await Promise.all(cluster.members.map((member) => cluster.restart(member)));
    await cluster.until(async () => (await client.rung()).length > 0);
    expect(await client.rung()).toMatchObject([{ due: at }]);
  });
});

describe('an effect', () => {
  test('is carried out by the leader, and what follows is applied', async () => {
    const letters: unknown[] = [];
    await using cluster = testCluster(reminders, { effects: { letter: (data) => letters.push(data) } });
    const client = cluster.client();
    await client.remind({ name: 'tea', inMs: 100 });
    await cluster.until(async () => (await client.delivered()) === 1);
    expect(letters).toEqual([{ to: 'tea' }]);
    expect(cluster.events().map(({ type }) => type)).toEqual(['rang', 'posted']);
  });

  test('is tried again until it succeeds', async () => {
    const attempts: number[] = [];
    const letter = (_data: unknown, { attempt }: { readonly attempt: number }) => {
      attempts.push(attempt);
      if (attempt < 3) throw new Error('the post office is closed');
    };
    await using cluster = testCluster(reminders, { effects: { letter } });
    const client = cluster.client();
    await client.remind({ name: 'tea', inMs: 100 });
    await cluster.until(async () => (await client.delivered()) === 1);
    expect(attempts).toEqual([1, 2, 3]);
  });

  test.each([1, 2, 3])(
    'that is due while the leader dies is carried out by the next one, and acknowledged once (seed %i)',
    async (seed) => {
      const ids: string[] = [];
      let hold = true;
      // The first leader never comes to an end with it.
      const letter = (_data: unknown, { id }: { readonly id: string }) => {
        ids.push(id);
        return hold ? new Promise(() => {}) : undefined;
      };
      await using cluster = testCluster(reminders, { seed, effects: { letter } });
      const client = cluster.client();
      await client.remind({ name: 'tea', inMs: 100 });
      await cluster.until(() => ids.length > 0);
      hold = false;
      const dead = await cluster.leader();
      cluster.kill(dead);
      await cluster.until(async () => (await client.delivered()) === 1);
      await cluster.restart(dead);
      await cluster.advance(120_000);
      expect(new Set(ids).size).toBe(1);
      expect(await client.delivered()).toBe(1);
      expect(cluster.events().map(({ type }) => type)).toEqual(['rang', 'posted']);
    },
  );
});
