import { join } from 'node:path';
import { type Entry, foundingMembership, type Index } from '@flotilla/core';
import type { Archive, JournalRecord, JournalRetention, LogWrite } from '@flotilla/storage';
import { FileArchive } from '@flotilla/storage/archive';
import { beforeEach, describe, expect, test, vi } from 'vitest';
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

function open(to: Archive = archive, retention: JournalRetention = {}): Promise<LmdbStorage> {
  const onFailure = (error: unknown) => void failures.push(error);
  return openLmdbStorage({ directory, identity: { clusterId: 'c', memberId: 1 }, retention, archive: { archive: to, onFailure } });
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
    extent: (group, kind) => archive.extent(group, kind),
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

describe('the journal', () => {
  const record = (index: Index): JournalRecord => ({ index, term: 1, time: index, events: new Uint8Array([index, 7]) });

  async function archivedEvents(from: Index): Promise<Index[]> {
    const found: Index[] = [];
    for (let next = from; ; ) {
      const span = await archive.events(1, next);
      if (span === null) return found;
      found.push(...span.records.map(({ index }) => index));
      next = span.to + 1;
    }
  }

  async function commit({ stateStore }: LmdbStorage, from: Index, to: Index): Promise<void> {
    for (let index = from; index <= to; index++) await stateStore.commit([{ group: 1, applied: index, records: [record(index)] }]);
  }

  test('moves what it does not keep to the archive, over restarts and without a gap', async () => {
    const retention = { recordsMax: 10 };
    for (const [from, to] of [
      [1, 40],
      [41, 60],
    ] as const) {
      const storage = await open(archive, retention);
      await commit(storage, from, to);
      await vi.waitFor(() => expect(storage.stateStore.journalStart(1)).toBe(to - 9));
      await storage.close();
    }
    const storage = await open(archive, retention);
    const kept = storage.stateStore.journal(1, storage.stateStore.journalStart(1), 100).map(({ index }) => index);
    expect([...(await archivedEvents(1)), ...kept]).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect((await archive.events(1, 7))?.records[0]).toEqual(record(7));
    await storage.close();
  });

  test('that begins anew behind a snapshot is archived first, and the hole is known', async () => {
    const storage = await open();
    await commit(storage, 1, 20);
    await storage.stateStore.commit([{ group: 1, applied: 50, skipsTo: 50, records: [] }]);
    expect(await archivedEvents(1)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(storage.stateStore.journalStart(1)).toBe(51);
    await commit(storage, 51, 60);
    await storage.stateStore.install(1, 100, (async function* () {})());
    expect(await archive.events(1, 30)).toBeNull();
    expect(await archive.extent(1, 'events')).toEqual({ from: 51, to: 60 });
    await storage.close();
  });

  test.each(['install', 'skip'] as const)(
    'that begins anew (%s) while retention moves a part of it is archived as a whole',
    async (how) => {
      let moving = () => {};
      const begun = new Promise<void>((resolve) => {
        moving = resolve;
      });
      const slow: Archive = {
        addEntries: (group, added) => archive.addEntries(group, added),
        async addEvents(group, span) {
          moving();
          await new Promise(setImmediate);
          return archive.addEvents(group, span);
        },
        entries: (group, from) => archive.entries(group, from),
        events: (group, from) => archive.events(group, from),
        extent: (group, kind) => archive.extent(group, kind),
      };
      const storage = await open(slow, { recordsMax: 10 });
      await commit(storage, 1, 20);
      // The flush that comes first begins to move the oldest ten.
      if (how === 'install') await storage.stateStore.install(1, 100, (async function* () {})());
      else await storage.stateStore.commit([{ group: 1, applied: 100, skipsTo: 100, records: [] }]);
      await begun;
      expect(await archivedEvents(1)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
      expect(storage.stateStore.journalStart(1)).toBe(101);
      await storage.close();
    },
  );
});
