import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StorageErrorCode } from '@flotilla/storage';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { damageRecord, flip } from '../test/damaged-store.ts';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { openLmdbStorage, openLmdbStorageReadOnly, readIdentity } from './index.ts';
import { groupKey, indexKey } from './keys.ts';

let root: string;
let directory: string;
let remove: () => Promise<void>;
const identity = { clusterId: 'main', memberId: 2, app: 'kv' };
const entry = (index: number) => ({ index, term: 1, time: 5, kind: 'command', payload: new Uint8Array(300).fill(7) }) as const;

beforeEach(async () => {
  ({ path: root, remove } = await temporaryDirectory());
  directory = join(root, 'deep', 'data');
});

afterEach(() => remove());

async function create(): Promise<void> {
  const storage = await openLmdbStorage({ directory, identity });
  await storage.logStore.write([
    { group: 1, hardState: { term: 1, vote: 2 }, base: null, truncateAfter: null, entries: [entry(1), entry(2), entry(3)] },
  ]);
  await storage.stateStore.commit([{ group: 1, applied: 2, records: [{ index: 1, term: 1, time: 5, events: new Uint8Array(300) }] }]);
  await storage.close();
}

async function expectRefusal(code: StorageErrorCode, message: RegExp, of: Partial<typeof identity> = {}): Promise<void> {
  const error = await openLmdbStorage({ directory, identity: { ...identity, ...of } }).catch((e: unknown) => e);
  expect(error).toMatchObject({ code, message: expect.stringMatching(message), hint: expect.stringMatching(/\w/) });
  expect((error as Error).message).not.toContain('\n');
}

test('creates a directory, and says whose it is', async () => {
  await create();
  expect(await readIdentity(directory)).toMatchObject({
    format: 3,
    generation: 1,
    highestTerm: 1,
    ...identity,
    clusterIncarnation: null,
    initialized: true,
  });
  expect((await readdir(directory)).sort()).toEqual(['identity.json', 'log.mdb', 'log.mdb-lock', 'state.mdb', 'state.mdb-lock']);
});

test('refuses what belongs to somebody else', async () => {
  await create();
  await expectRefusal('data_directory_of_another_member', /belongs to member 2, not to member 3/, { memberId: 3 });
  await expectRefusal('data_directory_of_another_cluster', /belongs to cluster "main", not to "other"/, { clusterId: 'other' });
  await expectRefusal('data_directory_unusable', /belongs to application "kv", not to "lock"/, { app: 'lock' });
  await (await openLmdbStorage({ directory, identity: { clusterId: 'main', memberId: 2 } })).close();
});

test('tells what the cluster is called, and refuses a directory from before or after another recovery', async () => {
  const open = (clusterId: string) => openLmdbStorage({ directory, identity: { ...identity, clusterId } });
  const first = await open('main');
  const { incarnation } = await readIdentity(directory);
  expect(first).toMatchObject({ clusterId: 'main', incarnation: expect.stringMatching(`^${incarnation}\\.1\\.[0-9a-f]{8}$`) });
  expect(first.incarnation.length).toBeLessThanOrEqual(64);
  await first.close();
  await expectRefusal('data_directory_of_another_cluster', /belongs to cluster "main", not to "main#0123abcd"/, {
    clusterId: 'main#0123abcd',
  });
  await rm(directory, { recursive: true });
  for (const clusterId of ['main#0123abcd', 'main']) {
    const joined = await open(clusterId);
    expect(joined.clusterId).toBe('main#0123abcd');
    await joined.close();
  }
  await expectRefusal('data_directory_of_another_cluster', /belongs to cluster "main#0123abcd"/, { clusterId: 'main#99999999' });
  await expectRefusal('data_directory_of_another_cluster', /belongs to cluster "main#0123abcd"/, { clusterId: 'other' });
});

test('refuses to open twice in one process, until it is closed', async () => {
  const storage = await openLmdbStorage({ directory, identity });
  await expectRefusal('data_directory_in_use', new RegExp(`in use by process ${process.pid}`));
  await Promise.all([storage.close(), storage.close()]);
  await (await openLmdbStorage({ directory, identity })).close();
});

test('refuses a file in the place of the directory', async () => {
  await writeFile(join(root, 'deep'), '');
  await expectRefusal('data_directory_unusable', /cannot be used as a data directory/);
  await rm(join(root, 'deep'));
  await mkdir(join(root, 'deep'));
  await writeFile(directory, '');
  await expectRefusal('data_directory_unusable', /cannot be used as a data directory/);
});

test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)('refuses a directory without permission', async () => {
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o500);
  await expectRefusal('data_directory_unusable', /cannot be used as a data directory: EACCES/);
  await chmod(directory, 0o700);
});

test.each([
  ['no JSON', '{', /identity.json is unreadable/],
  ['something else', '{"format":3,"clusterId":7}', /identity.json is incomplete/],
  ['an older format', '{"format":2}', /format 2, this version knows 3 only/],
  ['a newer format', '{"format":4}', /format 4, this version knows 3 only/],
])('refuses an identity that is %s', async (_, content, message) => {
  await create();
  await writeFile(join(directory, 'identity.json'), content);
  await expectRefusal('data_directory_unusable', message);
  await expect(readIdentity(directory)).rejects.toMatchObject({ code: 'data_directory_unusable' });
});

test('refuses to go on without its log: it would have forgotten its votes', async () => {
  await create();
  await truncate(join(directory, 'log.mdb'), 0);
  await expectRefusal('data_directory_unusable', /log.mdb is missing or empty/);
  await rm(join(directory, 'log.mdb'));
  await expectRefusal('data_directory_unusable', /log.mdb is missing or empty/);
  expect(existsSync(join(directory, 'log.mdb'))).toBe(false);
  await expect(openLmdbStorageReadOnly(directory)).rejects.toMatchObject({ code: 'data_directory_unusable' });
});

test('refuses files of another directory in the place of its own', async () => {
  await create();
  const own = await readFile(join(directory, 'identity.json'), 'utf8');
  await rm(directory, { recursive: true });
  await create();
  await writeFile(join(directory, 'identity.json'), own);
  await expectRefusal('data_directory_unusable', /log.mdb does not belong to the identity.json beside it/);
});

test('refuses a log without an identity', async () => {
  await create();
  await rm(join(directory, 'identity.json'));
  await expectRefusal('data_directory_unusable', /has log.mdb but no identity.json/);
  await expect(readIdentity(directory)).rejects.toMatchObject({ code: 'data_directory_unusable' });
});

test('begins anew after a first start that was cut short', async () => {
  await create();
  const unfinished = { ...JSON.parse(await readFile(join(directory, 'identity.json'), 'utf8')), initialized: false };
  await writeFile(join(directory, 'identity.json'), JSON.stringify(unfinished));
  await truncate(join(directory, 'log.mdb'), 0);
  await create();
});

test('derived state that is lost begins at zero', async () => {
  await create();
  await rm(join(directory, 'state.mdb'));
  const { logStore, stateStore, warnings, close } = await openLmdbStorage({ directory, identity });
  expect(warnings).toEqual([expect.stringMatching(/state\.mdb is missing or empty/)]);
  expect(stateStore.applied(1)).toBe(0);
  expect((await logStore.recover(1)).log.lastIndex).toBe(3);
  await close();
});

test('finds out damaged derived state, and begins it anew at the next opening', async () => {
  await create();
  await damageRecord(directory, 'state.mdb', indexKey(1, 1), flip(150));
  const { stateStore, close } = await openLmdbStorage({ directory, identity });
  const corrupted = expect.objectContaining({ code: 'state_corrupted', message: expect.stringContaining('state.mdb') });
  expect(() => stateStore.journal(1, 1, 10)).toThrow(corrupted);
  await close();
  expect(await readFile(join(directory, 'state.mdb.mark'), 'utf8')).toMatch(/^group 1: journal record 1 in .*state\.mdb is damaged\n$/);
  const reopened = await openLmdbStorage({ directory, identity });
  expect([reopened.warnings.length, reopened.stateStore.applied(1)]).toEqual([1, 0]);
  await reopened.close();
  expect((await readdir(directory)).filter((name) => name.startsWith('state.mdb.'))).toEqual(['state.mdb.damaged']);
});

test('begins derived state anew at once where it is damaged, or of another directory, and keeps what was there last', async () => {
  await create();
  const foreign = await readFile(join(directory, 'state.mdb'));
  await rm(directory, { recursive: true });
  const rebuilds: [() => Promise<void>, RegExp][] = [
    [
      () => damageRecord(directory, 'state.mdb', groupKey(1), flip(5)),
      /the applied index of group 1 is not what was written; it begins anew/,
    ],
    [() => writeFile(join(directory, 'state.mdb'), foreign), /does not belong to the identity\.json beside it; it begins anew/],
    [() => truncate(join(directory, 'state.mdb'), 5_000), /is damaged.*; it begins anew/],
  ];
  await create();
  for (const [damage, warning] of rebuilds) {
    await damage();
    const before = await readFile(join(directory, 'state.mdb'));
    const { stateStore, warnings, close } = await openLmdbStorage({ directory, identity });
    expect(warnings).toEqual([expect.stringMatching(warning)]);
    await stateStore.commit([{ group: 1, applied: 2, records: [] }]);
    await close();
    expect((await readFile(join(directory, 'state.mdb.damaged'))).equals(before)).toBe(true);
  }
});

test('a mark that was not removed before a crash sets nothing aside but what is there', async () => {
  await create();
  await rm(join(directory, 'state.mdb'));
  await writeFile(join(directory, 'state.mdb.mark'), '');
  const { warnings, close } = await openLmdbStorage({ directory, identity });
  expect(warnings).toEqual([expect.stringMatching(/state\.mdb is marked as damaged; it begins anew/)]);
  await close();
  expect(existsSync(join(directory, 'state.mdb.mark'))).toBe(false);
});

describe('an older copy of the whole directory', () => {
  const opening = (incarnation: string, generation: number, run = 'aaaaaaaa') => `${incarnation.split('.')[0]}.${generation}.${run}`;

  test('is never opened again once another member has said so', async () => {
    await create();
    const storage = await openLmdbStorage({ directory, identity });
    const reasons: unknown[] = [];
    storage.onStop((reason) => reasons.push(reason));
    storage.refusedBy(3, opening(storage.incarnation, 17));
    storage.refusedBy(4, opening(storage.incarnation, 18));
    const why = /data is an older copy of this member's data: member 3 has seen opening 17 of it, and this was opening 2/;
    const refused = { code: 'data_directory_unusable', message: expect.stringMatching(why), hint: expect.stringMatching(/add it afresh/) };
    expect(reasons).toEqual([expect.objectContaining(refused)]);
    await storage.close();
    for (let start = 0; start < 3; start++) await expectRefusal('data_directory_unusable', why);
    expect(await readIdentity(directory)).toMatchObject({ generation: 2, rolledBack: expect.stringMatching(/^member 3 has seen/) });
  });

  test('is one also where the other copy was opened as often', async () => {
    await create();
    const storage = await openLmdbStorage({ directory, identity });
    storage.refusedBy(3, opening(storage.incarnation, 2, storage.incarnation.endsWith('aaaaaaaa') ? 'bbbbbbbb' : 'aaaaaaaa'));
    await storage.close();
    await expectRefusal('data_directory_unusable', /member 3 has seen opening 2/);
  });

  test('is none because a peer is wrong, nor once the directory may be somebody else’s', async () => {
    await create();
    const storage = await openLmdbStorage({ directory, identity });
    const reasons: unknown[] = [];
    storage.onStop((reason) => reasons.push(reason));
    const { incarnation } = storage;
    const others = ['', 'nonsense', opening(incarnation, 1), incarnation, 'another-directory.99.aaaaaaaa'];
    for (const seen of others) storage.refusedBy(3, seen);
    await storage.close();
    storage.refusedBy(3, opening(incarnation, 17));
    expect(reasons).toEqual([]);
    await (await openLmdbStorage({ directory, identity })).close();
  });
});

test('fails for good, and says so, where a write would leave no room at all', async () => {
  await create();
  const { logStore, roomWatch, close } = await openLmdbStorage({ directory, identity, room: { exhaustedBytes: 2 ** 60 } });
  expect(roomWatch.room).toBe('exhausted');
  const vote = { group: 1, hardState: { term: 2, vote: null }, base: null, truncateAfter: null, entries: [] };
  await logStore.write([vote]);
  await close();
  const full = { code: 'storage_failed', message: expect.stringMatching(/log\.mdb cannot be written: the file system is full/) };
  await expect(openLmdbStorage({ directory, identity, room: { reserveBytes: 2 ** 60 } })).rejects.toMatchObject(full);
  const reopened = await openLmdbStorage({ directory, identity });
  expect((await reopened.logStore.recover(1)).hardState.term).toBe(2);
  await reopened.close();
});

test('a reader sees what the directory holds, and what it does not', async () => {
  await create();
  const reader = await openLmdbStorageReadOnly(directory);
  expect(reader.identity).toMatchObject(identity);
  expect(reader.groups()).toEqual([1]);
  expect(await reader.recover(1)).toMatchObject({ hardState: { term: 1, vote: 2 }, log: { lastIndex: 3 }, lastTime: 5 });
  expect(reader.read(1, 2, 3, 10_000)).toHaveLength(2);
  expect(() => reader.read(1, 2, 4, 10_000)).toThrow(expect.objectContaining({ code: 'log_out_of_range' }));
  expect([reader.applied(1), reader.journalStart(1), reader.journal(1, 1, 10).length, reader.applied(9)]).toEqual([2, 1, 1, 0]);
  await reader.close();
});
