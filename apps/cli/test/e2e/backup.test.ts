import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { flotilla } from './command.ts';
import { ProcessCluster, until } from './process-cluster.ts';

const keys = 400;

let cluster: ProcessCluster;
let restored: ProcessCluster;

beforeAll(async () => {
  cluster = await ProcessCluster.create(3, {
    archive: true,
    journal: { recordsMax: 50 },
    snapshot: { entries: 100, keepEntries: 10 },
  });
  restored = await ProcessCluster.create(3);
  await cluster.startAll();
});

afterAll(async () => {
  await cluster.destroy();
  await restored.destroy();
});

test('a running cluster is backed up, verified, restored into another one; and its archive has what its log and journal gave up', {
  timeout: 180_000,
}, async () => {
  const leader = await cluster.leader();
  await putAll(leader);
  const file = join(cluster.directory, 'monday.backup');

  // Everything that was acknowledged is in it, whichever member is asked.
  const backup = await flotilla(['backup', file, '--endpoints', cluster.endpoints.join(','), '--json']);
  expect(backup, backup.stderr).toMatchObject({ code: 0 });
  expect(JSON.parse(backup.stdout)).toMatchObject({ app: 'kv', cluster: 'e2e', group: 1, snapshot: { machine: { name: 'kv' } } });
  expect(await flotilla(['verify', file])).toMatchObject({ code: 0 });
  expect(await flotilla(['verify', '/dev/null'])).toMatchObject({ code: 2, stderr: expect.stringContaining('neither') });
  expect(await flotilla(['backup', file, '--endpoints', cluster.endpoints.join(',')])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('backup_exists'),
  });
  await damagedBackupsAreRefused(file);

  await eventsGoBackToTheBeginning(leader);
  await cluster.killAll();
  for (const { id } of cluster.members) {
    const verified = await flotilla(['verify', dataOf(cluster, id), '--json']);
    expect(verified, verified.stdout).toMatchObject({ code: 0 });
  }
  const log = await flotilla(['log', dataOf(cluster, leader), '--output', 'json']);
  const indexes = log.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { index: number; kind: string })
    .filter(({ kind }) => kind !== 'beginning')
    .map(({ index }) => index);
  expect(indexes.length).toBeGreaterThan(keys);
  expect(indexes).toEqual(indexes.map((_, i) => i + 1));
  const compacted = await flotilla(['compact', dataOf(cluster, leader), '--json']);
  expect(compacted, compacted.stderr).toMatchObject({ code: 0 });
  expect(await flotilla(['verify', dataOf(cluster, leader)])).toMatchObject({ code: 0 });

  await expectRefusedRestores(file);
  for (const { id } of restored.members) await restore(file, id);
  // Members that were restored otherwise are told apart from these by it.
  expect(new Set(restored.members.map(({ id }) => incarnationOf(restored, id))).size).toBe(1);
  await restored.startAll();
  await restored.leader();
  for (const { id } of restored.members) await expectEverything(restored, id);
  // It goes on as any cluster.
  await put(restored, 1, 'new', 'value');
});

async function damagedBackupsAreRefused(file: string): Promise<void> {
  const bytes = readFileSync(file);
  const bad = `${file}.bad`;
  for (const at of [3, 40, bytes.length - 1, Math.floor(bytes.length / 2)]) {
    const damaged = Buffer.from(bytes);
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    writeFileSync(bad, damaged);
    expect(await flotilla(['verify', bad])).toMatchObject({ code: 1 });
  }
  writeFileSync(bad, bytes.subarray(0, -10));
  const refused = await flotilla(restoreArguments(bad, 1));
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('backup_damaged') });
  expect(readdirSync(restored.directory).filter((name) => name.startsWith('member-1') && !name.endsWith('.yaml'))).toEqual([]);
}

async function eventsGoBackToTheBeginning(member: number): Promise<void> {
  await until('the journal has given up what it does not keep', async () => {
    const files = readdirSync(join(dataOf(cluster, member), 'archive', '1'));
    return files.some((name) => name.startsWith('events')) && files.some((name) => name.startsWith('entries'));
  });
  const response = await fetch(cluster.url(member, '/v1/events?from=1'));
  expect(response.status).toBe(200);
  let seen = 0;
  let text = '';
  for await (const part of response.body ?? []) {
    text += Buffer.from(part).toString();
    seen = text.match(/^event: put$/gm)?.length ?? text.match(/"type":"put"/g)?.length ?? 0;
    if (seen >= keys) break;
  }
  expect(seen).toBe(keys);
}

function restoreArguments(file: string, id: number): string[] {
  const members = restored.members.map(({ id: each, peerPort, clientPort }) => `${each}=127.0.0.1:${peerPort}/127.0.0.1:${clientPort}`);
  const where = ['--data-dir', dataOf(restored, id), '--member', String(id), '--members', members.join(',')];
  return ['restore', file, ...where, '--cluster', 'e2e-restored'];
}

async function expectRefusedRestores(file: string): Promise<void> {
  const usual = restoreArguments(file, 1);
  for (const name of ['e2e', 'a#12345678', '']) expect(await flotilla([...usual.slice(0, -1), name])).toMatchObject({ code: 2 });
  // Another list of members makes another cluster.
  const alone = usual.map((argument) => (argument.includes(',') ? (argument.split(',')[0] ?? '') : argument));
  expect(await flotilla(alone)).toMatchObject({ code: 0 });
  const other = incarnationOf(restored, 1);
  rmSync(dataOf(restored, 1), { recursive: true });
  expect(await flotilla(usual)).toMatchObject({ code: 0 });
  expect(incarnationOf(restored, 1)).not.toBe(other);
  rmSync(dataOf(restored, 1), { recursive: true });
}

function incarnationOf(of: ProcessCluster, id: number): string {
  const { clusterIncarnation } = JSON.parse(readFileSync(join(dataOf(of, id), 'identity.json'), 'utf8')) as { clusterIncarnation: string };
  return clusterIncarnation;
}

async function restore(file: string, id: number): Promise<void> {
  const done = await flotilla(restoreArguments(file, id));
  expect(done, done.stderr).toMatchObject({ code: 0 });
  const again = await flotilla(restoreArguments(file, id));
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('data_directory_in_use') });
  const { configFile } = restored.member(id);
  writeFileSync(configFile, readFileSync(configFile, 'utf8').replace('cluster: e2e', 'cluster: e2e-restored'));
}

function dataOf({ directory }: ProcessCluster, id: number): string {
  return join(directory, `member-${id}`);
}

async function putAll(member: number): Promise<void> {
  await Promise.all(
    Array.from({ length: 20 }, async (_, seat) => {
      for (let i = seat; i < keys; i += 20) await put(cluster, member, `key-${i}`, `value-${i}`);
    }),
  );
}

async function put(of: ProcessCluster, member: number, key: string, value: string): Promise<void> {
  const response = await fetch(of.url(member, `/v1/kv/${key}`), { method: 'PUT', body: value });
  expect(response.status).toBe(200);
  await response.arrayBuffer();
}

async function expectEverything(of: ProcessCluster, member: number): Promise<void> {
  const response = await fetch(of.url(member, '/v1/kv?limit=1000'));
  const { entries } = (await response.json()) as { entries: { key: string; value: string }[] };
  expect(entries.map(({ key, value }) => `${key}=${value}`).sort()).toEqual(
    Array.from({ length: keys }, (_, i) => `key-${i}=value-${i}`).sort(),
  );
}
