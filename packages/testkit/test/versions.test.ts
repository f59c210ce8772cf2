import { accept, command, defineMachine, event, query } from '@flotilla/state-machine';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { testCluster } from '../src/index.ts';
import { counter } from './counter.ts';

const second = defineMachine({
  name: 'counter',
  version: 2,
  previous: counter,
  migrate: ({ n }: { n: number }) => ({ n, raises: 0 }),
  state: () => ({ n: 0, raises: 0 }),
  commands: {
    increment: command(z.object({ by: z.number().int() }), ({ n }, { by }) => accept(n + by, [event('incremented', { by })])),
    double: command(z.object({}), ({ n }) => accept(2 * n, [event('incremented', { by: n })])),
  },
  events: {
    incremented: (state, { by }: { by: number }) => {
      state.n += by;
      state.raises++;
    },
  },
  queries: { value: query(({ n }) => n), raises: query(({ raises }) => raises) },
});

test('members that are restarted one by one come to run the next version, and no call fails', async () => {
  await using cluster = testCluster(counter);
  const client = cluster.client();
  let stop = false;
  let sum = 0;
  const load = (async () => {
    while (!stop) {
      await client.increment({ by: 1 });
      sum++;
    }
  })();
  await cluster.advance(500);
  for (const member of cluster.members) {
    await cluster.restart(member, { machine: second });
    await cluster.advance(1000);
  }
  await cluster.until(() => cluster.members.every((member) => cluster.group(member).status().machine.version === 2));
  await cluster.advance(500);
  stop = true;
  await load;
  const next = cluster.clientOf(second);
  expect(await next.value()).toBe(sum);
  expect(await next.raises()).toBeLessThan(sum);
  expect(await next.double({})).toBe(2 * sum);
});

test('a member without the version that is active refuses, and says so', async () => {
  await using cluster = testCluster(counter);
  await cluster.client().increment({ by: 1 });
  for (const member of cluster.members) await cluster.restart(member, { machine: second });
  await cluster.until(() => cluster.members.every((member) => cluster.group(member).status().machine.version === 2));
  // It starts, and meets the entry with which the version became active.
  await cluster.restart(1, { machine: counter });
  await cluster.until(() => cluster.condition(1) === 'failed');
  expect(cluster.failure(1)).toMatchObject({ code: 'machine_version_unsupported' });
  expect(await cluster.clientOf(second).increment({ by: 1 })).toBe(2);
});
