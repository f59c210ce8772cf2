import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { type LmdbStorage, openLmdbStorage } from './index.ts';

let directory: string;
let remove: () => Promise<void>;
let storage: LmdbStorage;
const a = 'a.1.00000000';
const b = 'b.1.00000000';
const open = () => openLmdbStorage({ directory, identity: { clusterId: 'c', memberId: 1 } });

beforeEach(async () => {
  ({ path: directory, remove } = await temporaryDirectory());
  storage = await open();
});

afterEach(async () => {
  await storage.close();
  await remove();
});

async function reopen(): Promise<void> {
  await storage.close();
  storage = await open();
}

test('takes a member at its word once, and at no other word afterwards', async () => {
  expect(storage.admit(2, a)).toBeNull();
  expect(storage.admit(3, b)).toBeNull();
  for (const again of [() => {}, reopen]) {
    await again();
    expect(storage.admit(2, a)).toBeNull();
    expect(storage.admit(2, b)).toMatch(/^member 2 comes with another data directory than before/);
    expect(storage.admit(3, b)).toBeNull();
  }
});

test('has remembered whom it admitted, whatever happens next', async () => {
  storage.admit(2, a);
  expect(JSON.parse(await readFile(join(directory, 'peers.json'), 'utf8'))).toMatchObject({ peers: [[2, 'a', 1, '00000000']] });
  const { mtimeMs } = await stat(join(directory, 'peers.json'));
  storage.admit(2, a);
  expect((await stat(join(directory, 'peers.json'))).mtimeMs).toBe(mtimeMs);
});

test('refuses an older copy of the data that a member came with', async () => {
  for (const opening of ['a.7.aaaaaaaa', 'a.7.aaaaaaaa', 'a.9.bbbbbbbb']) expect(storage.admit(2, opening)).toBeNull();
  for (const again of [() => {}, reopen]) {
    await again();
    for (const older of ['a.7.aaaaaaaa', 'a.8.cccccccc', 'a.9.cccccccc']) {
      expect(storage.admit(2, older)).toMatch(/^member 2 comes with an older copy of its data.*add it anew under the next number$/);
    }
    expect(storage.admit(2, 'a.9.bbbbbbbb')).toBeNull();
  }
  expect(storage.admit(2, 'a.10.dddddddd')).toBeNull();
  expect([storage.seen(2), storage.seen(3)]).toEqual(['a.10.dddddddd', null]);
});

test('refuses who claims to be this member, and who does not say whose data it has', () => {
  expect(storage.admit(1, a)).toMatch(/same number/);
  expect(storage.admit(2, '')).toMatch(/does not say/);
  expect(storage.admit(2, `${'x'.repeat(10_000)}.1.00000000`)).toMatch(/does not say/);
  expect(storage.admit(2, a)).toBeNull();
});

test('refuses whom it cannot remember', async () => {
  await rm(directory, { recursive: true });
  expect(storage.admit(2, a)).toMatch(/^member 2 cannot be remembered: ENOENT/);
});

test('forgets those that it has not seen for longest, once there are too many', async () => {
  const peers = Array.from({ length: 1024 }, (_, i) => [i + 2, 'a', 1, '00000000']);
  await writeFile(join(directory, 'peers.json'), JSON.stringify({ peers, checksum: crc32(JSON.stringify(peers)) }));
  await reopen();
  expect(storage.admit(2, a)).toBeNull();
  expect(storage.admit(2000, a)).toBeNull();
  expect(storage.admit(2, b)).not.toBeNull();
  expect(storage.admit(4, b)).not.toBeNull();
  expect(storage.admit(3, b)).toBeNull();
});

test.each(['', '{}', '{"peers":[[2,"a"]]}', '{"peers":[[2,"a",1,"00000000"]],"checksum":1}'])(
  'refuses to open with a list that says nothing: %j',
  async (content) => {
    await storage.close();
    await writeFile(join(directory, 'peers.json'), content);
    await expect(open()).rejects.toMatchObject({ code: 'data_directory_unusable', message: expect.stringContaining('peers.json') });
  },
);
