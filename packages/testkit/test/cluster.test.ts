import { describe, expect, test } from 'vitest';
import { testCluster } from '../src/index.ts';
import { counter } from './counter.ts';

describe('a cluster', () => {
  test('takes commands and answers queries, in no real time', async () => {
    await using cluster = testCluster(counter);
    const client = cluster.client();
    expect(await client.increment({ by: 2 })).toBe(2);
    await expect(client.increment({ by: -3 })).rejects.toMatchObject({ code: 'negative', details: { n: 2 } });
    const before = cluster.now;
    await cluster.advance(600_000);
    expect(cluster.now - before).toBe(600_000);
    expect(await client.value()).toBe(2);
    expect(cluster.events()).toMatchObject([{ type: 'incremented', data: { by: 2 }, ordinal: 0, term: 1 }]);
  });

  test('is the same with the same seed', async () => {
    const run = async (seed: number) => {
      await using cluster = testCluster(counter, { seed });
      const clients = [cluster.client(), cluster.client()];
      for (let i = 0; i < 5; i++) await Promise.all(clients.map((client) => client.increment({ by: i })));
      return cluster.events();
    };
    const one = await run(1);
    expect(await run(1)).toEqual(one);
    expect(await run(2)).not.toEqual(one);
  });

  test('goes on without its leader, and every call is applied once', async () => {
    await using cluster = testCluster(counter);
    const clients = Array.from({ length: 4 }, () => cluster.client());
    let done = 0;
    const increments = clients.map(async (client) => {
      for (let i = 0; i < 25; i++) done = Math.max(done, await client.increment({ by: 1 }));
    });
    for (let kills = 1; kills <= 3; kills++) {
      await cluster.until(() => done >= kills * 20);
      const leader = await cluster.leader();
      cluster.kill(leader);
      await cluster.until(async () => (await cluster.leader()) !== leader);
      await cluster.restart(leader);
    }
    await Promise.all(increments);
    expect(await cluster.client().value()).toBe(100);
  });

  test('survives a power cut of everybody', async () => {
    await using cluster = testCluster(counter);
    const client = cluster.client();
    await client.increment({ by: 5 });
    for (const member of cluster.members) cluster.powerCut(member);
    expect(cluster.members.map((member) => cluster.condition(member))).toEqual(['down', 'down', 'down']);
    await Promise.all(cluster.members.map((member) => cluster.restart(member)));
    expect(await client.value()).toBe(5);
  });

  test('has no majority in a minority', async () => {
    await using cluster = testCluster(counter);
    await cluster.client().increment({ by: 1 });
    const leader = await cluster.leader();
    const others = cluster.members.filter((member) => member !== leader);
    cluster.partition([leader], others);
    await cluster.until(() => others.some((member) => cluster.group(member).status().role === 'leader'));
    await expect(cluster.settle(cluster.group(leader).query('value', undefined, { timeoutMs: 500 }))).rejects.toThrow();
    expect(await cluster.client().increment({ by: 1 })).toBe(2);
    cluster.heal();
    await cluster.until(() => cluster.group(leader).status().appliedIndex === cluster.events().at(-1)?.index);
  });
});

describe('a test that is wrong', () => {
  test('hears of it', async () => {
    await using cluster = testCluster(counter, { members: 1 });
    await expect(cluster.until(() => false, { withinMs: 100 })).rejects.toMatchObject({ code: 'condition_not_met' });
    await expect(cluster.settle(new Promise(() => {}), { withinMs: 100 })).rejects.toMatchObject({ code: 'not_settled' });
    expect(() => cluster.kill(4)).toThrow('there is no member 4');
    cluster.kill(1);
    expect(() => cluster.group(1)).toThrow('member 1 does not run');
  });
});

describe('a stream of events', () => {
  test('goes on over a failover, without a gap or a repetition', async () => {
    await using cluster = testCluster(counter);
    const client = cluster.client();
    const seen: number[] = [];
    const reader = (async () => {
      for await (const { data } of cluster.client().$events({ from: 1 })) seen.push(data.by);
    })();
    for (let by = 1; by <= 3; by++) await client.increment({ by });
    await cluster.until(() => seen.length === 3);
    cluster.kill(await cluster.leader());
    for (let by = 4; by <= 6; by++) await client.increment({ by });
    await cluster.until(() => seen.length === 6);
    await cluster.advance(600_000);
    await client.increment({ by: 7 });
    await cluster.until(() => seen.length === 7);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7]);
    await cluster.stop();
    await reader;
  });

  test('ends where its reader stops', async () => {
    await using cluster = testCluster(counter);
    const client = cluster.client();
    await client.increment({ by: 1 });
    for await (const { index, data } of client.$events({ from: 1 })) {
      expect(data.by).toBe(1);
      expect(index).toBe(cluster.events()[0]?.index);
      break;
    }
    expect(await client.value()).toBe(1);
  });
});
