import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { flotilla } from './command.ts';
import { ProcessCluster, until } from './process-cluster.ts';

let cluster: ProcessCluster;

beforeEach(async () => {
  cluster = await ProcessCluster.create();
});

afterEach(() => cluster.destroy());

function force(id: number) {
  return flotilla(['recover', '--data-dir', join(cluster.directory, `member-${id}`), '--force-members', String(id), '--yes']);
}

test('a member continues alone once the others are lost, and one that comes back does not reach it', async () => {
  await cluster.startAll();
  await cluster.leader();
  await put(1, 'before');
  await cluster.kill(1);
  const refused = await force(1);
  expect([refused.code, refused.stderr]).toEqual([4, expect.stringMatching(/still answer: member 2 .* member 3 /)]);

  await cluster.killAll();
  const forced = await force(1);
  expect([forced.code, forced.stderr]).toEqual([0, '']);
  await cluster.start(1);
  // An old member that nobody wiped.
  await cluster.start(2);
  await until('member 1 leads', async () => (await cluster.status(1))?.role === 'leader');
  await put(1, 'after');
  for (const key of ['before', 'after']) expect((await fetch(cluster.url(1, `/v1/kv/${key}`))).status).toBe(200);
  await until('member 2 is refused', async () => /wrong-cluster/.test(cluster.member(2).output));
  expect(await cluster.status(1)).toMatchObject({ role: 'leader', members: [{ id: 1 }] });
  expect(await cluster.status(2)).toMatchObject({ leader: null });
});

async function put(id: number, key: string): Promise<void> {
  const response = await fetch(cluster.url(id, `/v1/kv/${key}`), { method: 'PUT', body: key });
  expect(response.status).toBeLessThan(300);
}
