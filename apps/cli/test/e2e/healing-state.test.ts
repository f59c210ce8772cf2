import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProcessCluster, until } from './process-cluster.ts';

let cluster: ProcessCluster;

beforeEach(async () => {
  cluster = await ProcessCluster.create(3);
  await cluster.startAll();
});

afterEach(() => cluster.destroy());

const fileOf = (id: number, name: string) => join(cluster.directory, `member-${id}`, name);
const value = (key: number) => `a value that is found in the file, of key ${key}`;

async function put(through: number, keys: number): Promise<void> {
  for (let key = 0; key < keys; key++) {
    const response = await fetch(cluster.url(through, `/v1/kv/key-${key}`), { method: 'PUT', body: value(key) });
    expect(response.status).toBe(200);
  }
}

/** Stops itself, and has said why. */
async function ended(id: number, why: RegExp): Promise<void> {
  await until(`member ${id} ends by itself`, async () => cluster.member(id).child === null);
  expect(cluster.member(id).output).toMatch(why);
}

test('a member whose state is damaged stops when it reads that, and rebuilds it when it starts again', { timeout: 120_000 }, async () => {
  const leader = await cluster.leader();
  const id = (leader % 3) + 1;
  await put(leader, 20);
  await until('its state is on its disk', async () => {
    const bytes = readFileSync(fileOf(id, 'state.mdb'));
    return bytes.includes(value(19)) && (await cluster.status(id))?.appliedIndex === (await cluster.status(leader))?.appliedIndex;
  });
  await cluster.kill(id);
  const bytes = readFileSync(fileOf(id, 'state.mdb'));
  for (let at = bytes.indexOf(value(7)); at >= 0; at = bytes.indexOf(value(7), at + 1)) bytes.write('A', at);
  writeFileSync(fileOf(id, 'state.mdb'), bytes);

  await cluster.start(id);
  await fetch(cluster.url(id, '/v1/kv/key-7?consistency=stale')).catch(() => {});
  await ended(id, /stopped itself: .*state\.mdb is damaged \(state_corrupted\)\. Start the member again/);
  expect(existsSync(fileOf(id, 'state.mdb.mark'))).toBe(true);

  await cluster.start(id);
  expect(cluster.member(id).output).toMatch(/"level":40,.*begins anew, and the snapshot and the log rebuild the state/);
  await until('it serves what was damaged', async () => {
    const response = await fetch(cluster.url(id, '/v1/kv/key-7'));
    return response.ok && (await response.text()) === value(7);
  });
  expect(existsSync(fileOf(id, 'state.mdb.mark'))).toBe(false);
  expect(readFileSync(fileOf(id, 'state.mdb.damaged')).equals(bytes)).toBe(true);
});

test('a member that is put back to an older copy of its directory stops, and never starts again', { timeout: 120_000 }, async () => {
  const leader = await cluster.leader();
  const id = (leader % 3) + 1;
  await cluster.kill(id);
  const [own, copy] = [join(cluster.directory, `member-${id}`), join(cluster.directory, 'older')];
  await cp(own, copy, { recursive: true });
  for (let start = 0; start < 3; start++) {
    await cluster.start(id);
    await until('the others have met it', async () => (await cluster.status(id))?.leader === leader);
    await cluster.kill(id);
  }
  await rm(own, { recursive: true });
  await cp(copy, own, { recursive: true });

  const why = /is an older copy of this member's data: member \d has seen opening 4 of it, and this was opening 2\..*add it afresh/;
  await cluster.start(id).catch(() => {});
  await ended(id, why);
  for (let start = 0; start < 3; start++) {
    cluster.member(id).output = '';
    await expect(cluster.start(id)).rejects.toThrow(why);
  }
  await put(leader, 1);
});
