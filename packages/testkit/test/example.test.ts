import { accept, command, defineMachine, event, query } from '@flotilla/state-machine';
import { given, simulate, testCluster } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { z } from 'zod';

const counter = defineMachine({
  name: 'counter',
  version: 1,
  state: () => ({ n: 0 }),
  commands: { increment: command(z.object({ by: z.number().int() }), ({ n }, { by }) => accept(n + by, [event('incremented', { by })])) },
  events: { incremented: ({ n }, { by }: { by: number }) => ({ n: n + by }) },
  queries: { value: query(({ n }) => n) },
});

test('one decision', () => {
  given(counter, [{ type: 'incremented', data: { by: 2 } }])
    .when({ type: 'increment', input: { by: 3 } })
    .then([{ type: 'incremented', data: { by: 3 } }])
    .thenReply(5);
});

test('a cluster that loses its leader', async () => {
  await using cluster = testCluster(counter, { members: 3, seed: 1 });
  const client = cluster.client();
  await client.increment({ by: 2 });
  cluster.kill(await cluster.leader());
  expect(await client.increment({ by: 3 })).toBe(5);
  expect(cluster.events().map(({ data }) => data.by)).toEqual([2, 3]);
});

test('everything that can go wrong', async () => {
  await simulate(counter, {
    workload: ({ random }) => ({ kind: 'command', name: 'increment', input: { by: random.integer(1, 9) } }),
    durationMs: 2000,
  });
});
