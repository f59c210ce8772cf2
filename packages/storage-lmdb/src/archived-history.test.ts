import { join } from 'node:path';
import { type Entry, foundingMembership, type Index } from '@flotilla/core';
import type { Archive, LogWrite } from '@flotilla/storage';
import { FileArchive } from '@flotilla/storage/archive';
import { beforeEach, expect, test, vi } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { openDatabaseReadOnly } from './environment.ts';
import { type LmdbStorage, openLmdbStorage } from './index.ts';
import { indexKey } from './keys.ts';

let directory: string;
let archive: FileArchive;
let failures: unknown[];

beforeEach(async () => {
  const { path, remove } = await temporaryDirectory();
  directory = path;
  archive = new FileArchive(join(directory, 'archive'));
  failures = [];
  return remove;
});

function open(to: Archive = archive): Promise<LmdbStorage> {
  const onFailure = (error: unknown) => void failures.push(error);
  return openLmdbStorage({ directory, identity: { clusterId: 'c', memberId: 1 }, archive: { archive: to, onFailure } });
}

function entries(from: Index, to: Index, term = 1): Entry[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({
    index: from + i,
    term,
    time: 1,
    kind: 'command',
    payload: new Uint8Array([from + i, term]),
  }));
}

function write(base: { index: Index; term: number } | null, added: readonly Entry[] = []): LogWrite {
  const beginning = base && { ...base, time: 1, membership: foundingMembership([]) };
  return { group: 1, hardState: null, base: beginning, truncateAfter: null, entries: added };
}

async function archived(from: Index): Promise<Entry[]> {
  const found: Entry[] = [];
  for (let next = from; ; next = (found.at(-1)?.index ?? 0) + 1) {
    const piece = await archive.entries(1, next);
    if (piece === null) return found;
    found.push(...piece);
  }
}

/** Until the file has given up everything up to `through`. */
async function expectGone(through: Index): Promise<void> {
  await vi.waitFor(
    async () => {
      const db = openDatabaseReadOnly(join(directory, 'log.mdb'));
      try {
        expect(db.getKeysCount({ start: indexKey(1, 1), end: indexKey(1, through + 1) })).toBe(0);
      } finally {
        await db.close();
      }
    },
    { timeout: 20_000 },
  );
}

test('what is compacted is in the archive, once, whatever restarts come in between', async () => {
  let storage = await open();
  await storage.logStore.write([write({ index: 0, term: 0 }, entries(1, 5_000))]);
  await storage.logStore.write([write({ index: 2_500, term: 1 })]);
  await storage.close();
  storage = await open();
  await storage.logStore.recover(1);
  await storage.logStore.write([write({ index: 4_000, term: 1 })]);
  await expectGone(4_000);
  expect(await archived(1)).toEqual(entries(1, 4_000));
  expect(storage.logStore.read(1, 4_001, 5_000, 1e9)).toHaveLength(1_000);
  expect(failures).toEqual([]);
  await storage.close();
});

test('what a snapshot of the leader replaced was never history, and is not archived', async () => {
  const storage = await open();
  await storage.logStore.write([write({ index: 0, term: 0 }, entries(1, 100))]);
  await storage.logStore.write([write({ index: 150, term: 3 }, entries(151, 300, 3))]);
  await storage.logStore.write([write({ index: 200, term: 3 })]);
  await expectGone(200);
  expect(await archive.entries(1, 100)).toBeNull();
  expect(await archived(151)).toEqual(entries(151, 200, 3));
  await storage.close();
});

test('what cannot be archived stays in the log, and is archived later', async () => {
  let broken = true;
  const sometimes: Archive = {
    addEntries: (group, added) => (broken ? Promise.reject(new Error('no room')) : archive.addEntries(group, added)),
    addEvents: (group, span) => archive.addEvents(group, span),
    entries: (group, from) => archive.entries(group, from),
    events: (group, from) => archive.events(group, from),
    start: (group, kind) => archive.start(group, kind),
  };
  const storage = await open(sometimes);
  await storage.logStore.write([write({ index: 0, term: 0 }, entries(1, 100))]);
  await storage.logStore.write([write({ index: 50, term: 1 })]);
  await vi.waitFor(() => expect(failures).toHaveLength(1));
  broken = false;
  await storage.logStore.write([write({ index: 60, term: 1 })]);
  await expectGone(60);
  expect(await archived(1)).toEqual(entries(1, 60));
  await storage.close();
});
