import { event } from '@flotilla/state-machine';
import { given, simulate, testCluster } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { counter } from './counter.ts';

test('adds what it is told', () => {
  given(counter, [event('incremented', { by: 1 })])
    .when({ type: 'increment', input: { by: 2 } })
    .then([event('incremented', { by: 2 })]);
});

test('goes on counting without the leader', async () => {
  await using cluster = testCluster(counter);
  const client = cluster.client();
  await client.increment({ by: 1 });
  cluster.kill(await cluster.leader());
  await client.increment({ by: 2 });
  expect(await client.value()).toBe(3);
});

test('counts right, whatever breaks', async () => {
  await simulate(counter, {
    workload: ({ random }) =>
      random.chance(0.5)
        ? { kind: 'command', name: 'increment', input: { by: random.integer(1, 9) } }
        : { kind: 'query', name: 'value', input: undefined, consistency: 'linearizable' },
    seeds: 3,
    durationMs: 5000,
  });
});
