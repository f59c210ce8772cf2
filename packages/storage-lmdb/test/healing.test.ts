import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Entry, type EntryKind, encodeMembership, foundingMembership, type HardState, type Index } from '@flotilla/core';
import type { LogWrite } from '@flotilla/storage';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDatabase } from '../src/environment.ts';
import { type LmdbStorage, openLmdbStorage, openLmdbStorageReadOnly, verifyDataDirectory } from '../src/index.ts';
import { baseKey, groupKey, indexKey } from '../src/keys.ts';
import { damageRecord, flip } from './damaged-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

let directory: string;
let remove: () => Promise<void>;
let storage: LmdbStorage | null = null;

beforeEach(async () => {
  ({ path: directory, remove } = await temporaryDirectory());
});

afterEach(async () => {
  await close();
  await remove();
});

async function open(): Promise<LmdbStorage> {
  await close();
  storage = await openLmdbStorage({ directory, identity: { clusterId: 'c', memberId: 1 } });
  return storage;
}

async function close(): Promise<void> {
  await storage?.close();
  storage = null;
}

function entry(index: Index, term = 1, kind: EntryKind = 'command'): Entry {
  const payload = kind === 'membership' ? encodeMembership(foundingMembership([])) : new Uint8Array(300).fill(index);
  return { index, term, time: 5, kind, payload };
}

function write(change: Partial<LogWrite>, group = 1): LogWrite {
  return { group, hardState: null, base: null, truncateAfter: null, entries: [], ...change };
}

const voted: HardState = { term: 3, vote: 2 };
const entries = (from: Index, to: Index, term = 1) => Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, term));

/** Six entries, and a vote in term 3. */
async function create(): Promise<void> {
  const { logStore } = await open();
  await logStore.write([write({ hardState: voted, entries: entries(1, 6) })]);
  await close();
}

const damage = (index: Index, change: (record: Buffer) => Buffer | null = flip(40)) =>
  damageRecord(directory, 'log.mdb', indexKey(1, index), change);

/** Opens and recovers, and expects the log to end at `lastIndex`, to be readable, and to be the same at the next start. */
async function expectHealed(lastIndex: Index, reason: RegExp, hardState: HardState = { ...voted, recovering: true }): Promise<void> {
  for (const found of [expect.stringMatching(reason), null]) {
    const { logStore } = await open();
    const recovered = await logStore.recover(1);
    expect(recovered).toMatchObject({ hardState, log: { lastIndex } });
    if (found === null) expect(recovered.damage).toBeNull();
    else expect(recovered.damage?.reason).toEqual(found);
    if (lastIndex > 0) expect(logStore.read(1, 1, lastIndex, 10_000)).toHaveLength(lastIndex);
    expect(() => logStore.read(1, lastIndex + 1, lastIndex + 1, 1)).toThrow(expect.objectContaining({ code: 'log_out_of_range' }));
    await close();
  }
}

test.each([
  ['its checksum', 0],
  ['its chain', 4],
  ['its length', 8],
  ['its kind', 12],
  ['its index', 13],
  ['its term', 19],
  ['its time', 28],
  ['its payload', 200],
])('the log ends before an entry with one bit changed in %s', async (_, at) => {
  await create();
  await damage(4, flip(at));
  await expectHealed(3, /^group 1: entry 4 is not what was written in .*log\.mdb$/);
});

test('the log ends before an entry that is cut off, gone, or in the place of another', async () => {
  await create();
  let first: Buffer = Buffer.alloc(0);
  await damage(1, (record) => (first = record));
  await damage(5, () => null);
  await expectHealed(4, /entry 5 is missing/);
  await damage(4, () => first);
  const { logStore } = await open();
  expect((await logStore.recover(1)).log.lastIndex).toBe(3);
  await close();
  await damage(2, () => Buffer.from([1, 2]));
  expect((await (await open()).logStore.recover(1)).log.lastIndex).toBe(1);
});

test('the log ends before an entry of another history, though it is intact itself', async () => {
  await create();
  let other: Buffer = Buffer.alloc(0);
  await damage(4, (record) => (other = Buffer.from(record)));
  const { logStore } = await open();
  await logStore.write([write({ truncateAfter: 2, entries: entries(3, 6, 2) })]);
  await close();
  await damage(4, () => other);
  await expectHealed(3, /entry 4 does not follow the entry before it/);
});

test('a damaged membership is an entry like any other', async () => {
  const { logStore } = await open();
  await logStore.write([write({ hardState: voted, entries: [...entries(1, 2), entry(3, 1, 'membership'), entry(4)] })]);
  await damage(3, flip(45)).then(close);
  await expectHealed(2, /entry 3 is not what was written/);
});

test('what lies behind the damage belongs to the log again once the leader has sent what was lost', async () => {
  await create();
  await damage(4);
  const { logStore } = await open();
  await logStore.recover(1);
  await logStore.write([write({ entries: [entry(4)] })]);
  const reopened = (await open()).logStore;
  expect(await reopened.recover(1)).toMatchObject({ hardState: { ...voted, recovering: true }, log: { lastIndex: 6 }, damage: null });
  expect(reopened.read(1, 1, 6, 10_000)).toHaveLength(6);
});

test('what lies behind the damage never comes back once another history was written, or the member has healed', async () => {
  await create();
  await damage(4);
  const { logStore } = await open();
  await logStore.recover(1);
  await logStore.write([write({ entries: [entry(4, 2)] })]);
  expect(await (await open()).logStore.recover(1)).toMatchObject({ hardState: { recovering: true }, log: { lastIndex: 4 }, damage: null });
  await storage?.logStore.write([write({ hardState: { term: 4, vote: null } })]);
  const healed = (await open()).logStore;
  expect(await healed.recover(1)).toMatchObject({ hardState: { term: 4, vote: null }, log: { lastIndex: 4 }, damage: null });
  await healed.write([write({ entries: [entry(5, 4)] })]);
  expect(await (await open()).logStore.recover(1)).toMatchObject({ log: { lastIndex: 5 }, damage: null });
});

test('a damaged hard state is healed with the highest term that the member ever had', async () => {
  await create();
  await damageRecord(directory, 'log.mdb', groupKey(1), flip(6));
  await expectHealed(6, /group 1: the hard state is not what was written/, { term: 3, vote: null, recovering: true });
});

test('an older copy of the log is found out, in all its groups and in those that it does not know', async () => {
  await create();
  await cp(join(directory, 'log.mdb'), join(directory, 'older'));
  const { logStore } = await open();
  await logStore.write([
    write({ hardState: { term: 9, vote: 3 }, entries: entries(7, 9, 9) }),
    write({ hardState: { term: 2, vote: 1 } }, 5),
  ]);
  await close();
  await rename(join(directory, 'older'), join(directory, 'log.mdb'));
  await rm(join(directory, 'log.mdb-lock'));
  // A crash before anything was recovered does not hide it.
  await open();
  const older = (await open()).logStore;
  for (const [group, lastIndex] of [
    [1, 6],
    [5, 0],
  ] as const) {
    expect(await older.recover(group)).toMatchObject({
      hardState: { term: 9, vote: null, recovering: true },
      log: { lastIndex },
      damage: { index: null, reason: expect.stringContaining(`group ${group}: an older copy of the log was found`) },
    });
  }
  await older.write([write({ hardState: { term: 10, vote: 1 } })]);
  expect((await (await open()).logStore.recover(1)).hardState).toEqual({ term: 10, vote: 1 });
});

test('an older copy of the same opening is found out by its term', async () => {
  const { logStore } = await open();
  await logStore.write([write({ hardState: { term: 3, vote: 2 }, entries: entries(1, 3) })]);
  await cp(join(directory, 'log.mdb'), join(directory, 'older'));
  await logStore.write([write({ hardState: { term: 4, vote: 2 } })]);
  await close();
  await rename(join(directory, 'older'), join(directory, 'log.mdb'));
  await rm(join(directory, 'log.mdb-lock'));
  expect((await (await open()).logStore.recover(1)).hardState).toEqual({ term: 4, vote: null, recovering: true });
});

test('an older identity.json beside its log is no damage', async () => {
  await create();
  await cp(join(directory, 'identity.json'), join(directory, 'older'));
  const { logStore } = await open();
  await logStore.write([write({ hardState: { term: 9, vote: 3 } })]);
  await close();
  await rename(join(directory, 'older'), join(directory, 'identity.json'));
  expect(await (await open()).logStore.recover(1)).toMatchObject({ hardState: { term: 9, vote: 3 }, damage: null });
});

test('a log that is in use is not healed: it fails, and heals at the next start', async () => {
  await create();
  const { logStore } = await open();
  await logStore.recover(1);
  const page = Buffer.alloc(300, 4);
  await close();
  await damage(4, (record) => Buffer.concat([record.subarray(0, -page.length), Buffer.alloc(300, 9)]));
  const second = (await open()).logStore;
  expect(() => second.read(1, 1, 6, 10_000)).toThrow(
    expect.objectContaining({
      code: 'log_corrupted',
      message: expect.stringMatching(/group 1: entry 4 in .*log\.mdb is damaged or missing/),
    }),
  );
  expect(second.read(1, 1, 3, 10_000)).toHaveLength(3);
  await expect(second.write([write({ entries: [entry(7)] })])).rejects.toMatchObject({ code: 'log_corrupted' });
  expect((await (await open()).logStore.recover(1)).log.lastIndex).toBe(3);
});

test('a damaged beginning of the log is refused: nobody knows what the entries behind it stand on', async () => {
  await create();
  const { logStore } = await open();
  await logStore.recover(1);
  await logStore.write([write({ base: { index: 2, term: 1, time: 5, membership: foundingMembership([]) } })]);
  await close();
  await damageRecord(directory, 'log.mdb', baseKey(1), flip(12));
  const corrupted = {
    code: 'log_corrupted',
    message: expect.stringContaining('the beginning of the log'),
    hint: expect.stringMatching(/remove this member.*add it afresh/),
  };
  await expect((await open()).logStore.recover(1)).rejects.toMatchObject(corrupted);
  expect(() => storage?.logStore.read(1, 3, 3, 100)).toThrow(expect.objectContaining(corrupted));
});

test('the chain goes on over a compaction, and begins anew behind a snapshot', async () => {
  const { logStore } = await open();
  const membership = foundingMembership([]);
  await logStore.write([write({ entries: entries(1, 9) })]);
  await logStore.write([write({ base: { index: 4, term: 1, time: 5, membership } })]);
  let fifth: Buffer = Buffer.alloc(0);
  await close();
  await damage(5, (record) => (fifth = Buffer.from(record)));
  expect(await (await open()).logStore.recover(1)).toMatchObject({ log: { snapshotIndex: 4, lastIndex: 9 }, damage: null });
  await storage?.logStore.write([write({ base: { index: 4, term: 2, time: 5, membership }, entries: [entry(5)] })]);
  expect(await (await open()).logStore.recover(1)).toMatchObject({ log: { lastIndex: 5 }, damage: null });
  await close();
  await damage(5, () => fifth);
  expect(await (await open()).logStore.recover(1)).toMatchObject({ log: { lastIndex: 4 }, hardState: { recovering: true } });
});

test('a reader tells what has to be healed, and changes nothing', async () => {
  await create();
  await damage(4);
  for (let i = 0; i < 2; i++) {
    const reader = await openLmdbStorageReadOnly(directory);
    expect(await reader.recover(1)).toMatchObject({ hardState: { recovering: true }, log: { lastIndex: 3 }, damage: { index: 4 } });
    await reader.close();
  }
});

test('a record under a key that damage made longer heals, and is gone; also one that lies before the log', async () => {
  await create();
  const long = (index: Index) => Buffer.concat([indexKey(1, index), Buffer.alloc(512, 7)]);
  const rename = async (index: Index) => {
    const db = openDatabase(join(directory, 'log.mdb'), 2 ** 26);
    await db.put(long(index), Buffer.from(db.getBinary(indexKey(1, index)) ?? []));
    await db.remove(indexKey(1, index));
    await db.close();
  };
  await rename(4);
  const { logStore } = await open();
  expect(await logStore.recover(1)).toMatchObject({ log: { lastIndex: 3 }, damage: { index: 4 } });
  await logStore.write([write({ hardState: voted, truncateAfter: 3, entries: entries(4, 6) })]);
  await close();
  expect((await verifyDataDirectory(directory)).problems).toEqual([]);

  const compacted = await open();
  await compacted.logStore.recover(1);
  await compacted.logStore.write([write({ base: { index: 5, term: 1, time: 5, membership: foundingMembership([]) } })]);
  await close();
  const db = openDatabase(join(directory, 'log.mdb'), 2 ** 26);
  await db.put(long(2), Buffer.from([1]));
  await db.close();
  const { logStore: after } = await open();
  expect(await after.recover(1)).toMatchObject({ log: { snapshotIndex: 5, lastIndex: 6 }, damage: null });
  await close();
  expect((await verifyDataDirectory(directory)).problems).toEqual([]);
});
