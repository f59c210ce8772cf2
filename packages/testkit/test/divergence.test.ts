import { accept, command, defineMachine, event, query } from '@flotilla/state-machine';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { testCluster } from '../src/index.ts';
import { counter } from './counter.ts';

/** A build of the counter that makes more of a seven than the others do. */
const miscounting = defineMachine({
  name: 'counter',
  version: 1,
  state: () => ({ n: 0 }),
  commands: { increment: command(z.object({ by: z.number().int() }), ({ n }, { by }) => accept(n + by, [event('incremented', { by })])) },
  events: {
    incremented: (state, { by }: { by: number }) => {
      state.n += by === 7 ? 8 : by;
    },
  },
  queries: { value: query(({ n }) => n) },
});

test('a member whose state differs stops, and names the entry that made it so; the others go on', async () => {
  await using cluster = testCluster(counter, { invariants: false, stateComparisonMs: 1000 });
  const client = cluster.client();
  await cluster.restart(2, { machine: miscounting });
  for (const by of [1, 2, 3]) await client.increment({ by });
  await cluster.advance(5000);
  expect(cluster.condition(2)).toBe('up');
  const { index } = await client.$execute('increment', { by: 7 });
  for (const by of [4, 5, 6]) await client.increment({ by });
  await cluster.until(() => cluster.condition(2) === 'failed');
  expect(cluster.failure(2)).toMatchObject({ code: 'state_diverged', message: expect.stringMatching(new RegExp(`\\b${index}\\b`)) });
  expect(cluster.members.map((member) => cluster.condition(member))).toEqual(['up', 'failed', 'up']);
  expect(await client.increment({ by: 1 })).toBe(29);
});

test('replicas that come to different outcomes fail the test at once', async () => {
  await using cluster = testCluster(counter);
  await cluster.restart(2, { machine: miscounting });
  const client = cluster.client();
  await client.increment({ by: 7 });
  void client.increment({ by: 1 }).catch(() => {});
  await expect(cluster.advance(10_000)).rejects.toMatchObject({ invariant: 'state-machine-safety' });
});
