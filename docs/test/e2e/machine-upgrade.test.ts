import { join, resolve } from 'node:path';
import { connect } from '@flotilla/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flotilla } from '../../../apps/cli/test/e2e/command.ts';
import { ProcessCluster, until } from '../../../apps/cli/test/e2e/process-cluster.ts';
import { counter } from '../../examples/counter.ts';
import { counter as secondCounter } from '../../examples/counter-v2.ts';

const example = (file: string) => resolve(import.meta.dirname, '../../examples', file);

let cluster: ProcessCluster;

beforeAll(async () => {
  cluster = await ProcessCluster.create(3, {}, example('counter.ts'));
  await cluster.startAll();
});

afterAll(() => cluster.destroy());

async function activeVersions(): Promise<readonly (number | undefined)[]> {
  const statuses = await Promise.all(cluster.members.map(({ id }) => cluster.status(id)));
  return statuses.map((status) => status?.machine.version);
}

test('a machine gets its next version while it serves, and a program without it refuses', { timeout: 120_000 }, async () => {
  let acknowledged = 0;
  let ended = false;
  const work = async () => {
    const client = connect(counter, cluster.endpoints, { timeoutMs: 30_000 });
    while (!ended) {
      await client.increment({ by: 1 });
      acknowledged++;
    }
    client.$close();
  };
  const working = Promise.all([work(), work(), work(), work()]);
  const upgrade = async () => {
    for (const { id } of cluster.members) {
      const before = acknowledged;
      await until('commands are applied', async () => acknowledged > before + 20);
      expect(await activeVersions()).toEqual([1, 1, 1]);
      await cluster.stop(id);
      await cluster.start(id, example('counter-v2.ts'));
    }
    await until('version 2 is active', async () => (await activeVersions()).every((version) => version === 2));
    const before = acknowledged;
    await until('commands are applied by version 2', async () => acknowledged > before + 20);
  };
  // A command that fails is a failure of the test, also while it waits for something else.
  await Promise.race([upgrade(), working]);
  ended = true;
  await working;

  const client = connect(secondCounter, cluster.endpoints);
  expect(await client.value()).toBe(acknowledged);
  const counted = await client.increments();
  expect(counted).toBeGreaterThan(20);
  expect(counted).toBeLessThan(acknowledged);
  client.$close();

  await cluster.stop(1);
  const { code, stderr } = await flotilla(['serve', example('counter.ts'), '--config', join(cluster.directory, 'member-1.yaml')]);
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(/machine_version_unsupported/);
  expect(stderr).toContain('version 2 of machine "counter" is active in this group, and this program has version 1');
  expect(stderr).toMatch(/Start a program on this member that has version 2/);
});
