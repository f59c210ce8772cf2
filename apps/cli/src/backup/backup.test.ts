import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { foundingMembership, type SnapshotInfo } from '@flotilla/core';
import { verifyBackup, writeBackup } from '@flotilla/snapshot/file';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { backup } from './backup.ts';
import { restore } from './restore.ts';

const state = new Uint8Array(3_000_000).fill(5);
const snapshot: SnapshotInfo = {
  index: 10,
  term: 2,
  time: 1_000,
  size: state.length,
  id: createHash('sha256').update(state).digest('hex'),
  membership: foundingMembership([]),
  machine: { name: 'kv', version: 1 },
};

let directory: string;
const servers: Server[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-backup-'));
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
});

afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) server.close();
  await rm(directory, { recursive: true });
});

/** A member that has applied so much, and gives away so many bytes of its snapshot before its connection breaks. */
async function member(id: number, appliedIndex: number, bytes: number): Promise<string> {
  const members: readonly unknown[] = [];
  const status = { group: 1, member: id, standing: 'voter', role: 'follower', appliedIndex, members, host: { app: 'kv', cluster: 'blue' } };
  const server = createServer((request, response) => {
    if (request.url === '/v1/status') return void response.end(JSON.stringify(status));
    if (request.method === 'POST') return void response.end(JSON.stringify(snapshot));
    response.write(state.subarray(0, bytes), () => (bytes < state.length ? response.destroy() : response.end()));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a member that breaks off in the middle is not the last one that is asked', async () => {
  const endpoints = [await member(1, 20, 1_000_000), await member(2, 10, state.length)].join(',');
  const file = join(directory, 'monday.backup');
  await backup(file, { endpoints, timeoutMs: '10000', output: 'table' });
  expect((await verifyBackup(file)).snapshot).toEqual(snapshot);
  expect(readdirSync(directory)).toEqual(['monday.backup']);
});

test('where all of them break off, it says so, and there is no backup', async () => {
  const endpoints = await member(1, 20, 1_000_000);
  const file = join(directory, 'monday.backup');
  await expect(backup(file, { endpoints, timeoutMs: '10000', output: 'table' })).rejects.toMatchObject({ code: 'unavailable' });
  expect(readdirSync(directory)).toEqual([]);
});

test('a restore removes nothing that came into its directory meanwhile', async () => {
  const file = join(directory, 'monday.backup');
  const manifest = { app: 'kv', cluster: 'blue', group: 1, createdAt: new Date(0).toISOString(), snapshot };
  await writeBackup(
    file,
    manifest,
    (async function* () {
      yield state;
    })(),
  );
  const dataDir = join(directory, 'n1');
  const members = '1=127.0.0.1:7100/127.0.0.1:7101';
  const restored = restore(file, { dataDir, cluster: 'green', member: '1', members, output: 'table' }).catch((error: unknown) => error);
  while (!existsSync(`${dataDir}.restoring`)) await nextTurn();
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'identity.json'), 'of a member that was started here');
  expect(await restored).toMatchObject({ code: 'data_directory_in_use' });
  expect(readdirSync(dataDir)).toEqual(['identity.json']);
  expect(existsSync(`${dataDir}.restoring`)).toBe(false);
});
