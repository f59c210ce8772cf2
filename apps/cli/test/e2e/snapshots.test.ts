import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cliPath, ProcessCluster, until } from './process-cluster.ts';

const keys = 600;

let cluster: ProcessCluster;

beforeAll(async () => {
  cluster = await ProcessCluster.create(3, { snapshot: { entries: 200, keepEntries: 20 } });
  await cluster.startAll();
});

afterAll(() => cluster.destroy());

test('a member that was away too long gets a snapshot; logs stay short; and all start again from their snapshots', {
  timeout: 120_000,
}, async () => {
  const leader = await cluster.leader();
  const away = (leader % 3) + 1;
  await cluster.kill(away);
  await Promise.all(Array.from({ length: 20 }, (_, seat) => putEach(leader, seat, 20)));
  await until('the leader has stored its state', async () => snapshotFiles(leader).length >= 2);
  expect(firstEntryOf(leader)).toBeGreaterThan(100);

  await cluster.start(away);
  await until('it has what it missed', async () => {
    const [there, here] = await Promise.all([cluster.status(leader), cluster.status(away)]);
    return here !== null && here.appliedIndex === there?.appliedIndex;
  });
  expect(snapshotFiles(away).length).toBeGreaterThanOrEqual(2);
  await expectEverything(away);

  const response = await fetch(cluster.url(away, '/v1/snapshot'), { method: 'POST' });
  const taken = (await response.json()) as { index: number; size: number; id: string };
  expect(taken).toMatchObject({ index: expect.any(Number), size: expect.any(Number), id: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(snapshotFiles(away)).toContain(`${taken.index}-${taken.id}.data`);

  await cluster.killAll();
  await cluster.startAll();
  await cluster.leader();
  for (const { id } of cluster.members) await expectEverything(id);
});

async function putEach(member: number, first: number, step: number): Promise<void> {
  for (let i = first; i < keys; i += step) {
    const response = await fetch(cluster.url(member, `/v1/kv/key-${i}`), { method: 'PUT', body: `value-${i}` });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
  }
}

async function expectEverything(member: number): Promise<void> {
  const response = await fetch(cluster.url(member, '/v1/kv?limit=1000'));
  const { entries } = (await response.json()) as { entries: { key: string; value: string }[] };
  const expected = Array.from({ length: keys }, (_, i) => `key-${i}=value-${i}`);
  expect(entries.map(({ key, value }) => `${key}=${value}`).sort()).toEqual(expected.sort());
}

function snapshotFiles(member: number): readonly string[] {
  const directory = join(cluster.directory, `member-${member}`, 'snapshots', 'group-1');
  try {
    return readdirSync(directory).filter((name) => !name.endsWith('.tmp'));
  } catch {
    return [];
  }
}

/** The index of the first entry that is in the member's log. */
function firstEntryOf(member: number): number {
  const lines = execFileSync(process.execPath, [cliPath, 'log', join(cluster.directory, `member-${member}`), '--output', 'json'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return (JSON.parse(lines.slice(0, lines.indexOf('\n'))) as { readonly index: number }).index;
}
