import { accept, command, defineMachine, event, query } from '@flotilla/state-machine';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type TestCluster, testCluster } from '../src/index.ts';
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

/** Once all members have applied what they had before: until then they show the version that they would begin with. */
async function activated(cluster: TestCluster<typeof counter>, version: number): Promise<void> {
  const statuses = () => cluster.members.map((member) => cluster.group(member).status());
  await cluster.until(() => statuses().every(({ appliedIndex, lastIndex, leader }) => leader !== null && appliedIndex === lastIndex));
  await cluster.until(() => statuses().every(({ machine }) => machine.version === version));
}

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
  await cluster.advance(100);
  for (const member of cluster.members) {
    await cluster.restart(member, { machine: second });
    await cluster.advance(300);
  }
  await cluster.until(() => cluster.members.every((member) => cluster.group(member).status().machine.version === 2));
  await cluster.advance(100);
  stop = true;
  await load;
  const next = cluster.clientOf(second);
  expect(await next.value()).toBe(sum);
  expect(await next.raises()).toBeLessThan(sum);
  expect(await next.double({})).toBe(2 * sum);
});

test.each([1, 2, 3])('a member without the version that is active refuses, and says so (seed %i)', async (seed) => {
  await using cluster = testCluster(counter, { seed });
  await cluster.client().increment({ by: 1 });
  for (const member of cluster.members) await cluster.restart(member, { machine: second });
  await activated(cluster, 2);
  // It starts, and meets the entry with which the version became active.
  await cluster.restart(1, { machine: counter });
  await cluster.until(() => cluster.condition(1) === 'failed');
  expect(cluster.failure(1)).toMatchObject({ code: 'machine_version_unsupported' });
  expect(await cluster.clientOf(second).increment({ by: 1 })).toBe(2);
});
