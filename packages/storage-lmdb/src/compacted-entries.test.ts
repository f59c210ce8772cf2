import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Entry, foundingMembership, type Index } from '@flotilla/core';
import type { LogStore, LogWrite } from '@flotilla/storage';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { openDatabaseReadOnly } from './environment.ts';
import { openLmdbStorage } from './index.ts';
import { indexKey } from './keys.ts';

let directory: string;
let remove: () => Promise<void>;
const open = () => openLmdbStorage({ directory, identity: { clusterId: 'c', memberId: 1 } });

beforeEach(async () => {
  ({ path: directory, remove } = await temporaryDirectory());
});

afterEach(() => remove());

function entries(from: Index, to: Index): Entry[] {
  const payload = new Uint8Array(100);
  return Array.from({ length: to - from + 1 }, (_, i) => ({ index: from + i, term: 1, time: 1, kind: 'command', payload }));
}

function write(base: Index | null, added: readonly Entry[] = []): LogWrite {
  const beginning = base === null ? null : { index: base, term: 1, time: 1, membership: foundingMembership([]) };
  return { group: 1, hardState: null, base: beginning, truncateAfter: null, entries: added };
}

/** How many entries up to `through` the file still holds. */
async function stored(through: Index): Promise<number> {
  const db = openDatabaseReadOnly(join(directory, 'log.mdb'));
  try {
    return db.getKeysCount({ start: indexKey(1, 1), end: indexKey(1, through + 1) });
  } finally {
    await db.close();
  }
}

const expectGone = (through: Index) => vi.waitFor(async () => expect(await stored(through)).toBe(0), { timeout: 20_000 });

/** Keeps appending until what lies before `through` is gone. */
async function appendUntilGone(logStore: LogStore, last: Index, through: Index): Promise<Index> {
  let end = last;
  for (; (await stored(through)) > 0; end++) await logStore.write([write(null, entries(end + 1, end + 1))]);
  return end;
}

test('the file gives up what lies before the log, behind the writes and without delaying them', async () => {
  const { logStore, close } = await open();
  await logStore.write([write(null, entries(1, 30_000))]);
  await logStore.write([write(29_000)]);
  expect(await stored(29_000)).toBeGreaterThan(0);
  const end = await appendUntilGone(logStore, 30_000, 29_000);
  expect(logStore.read(1, 29_001, end, 10_000_000)).toHaveLength(end - 29_000);
  await close();
});

test('what a restart interrupts goes on when the log is recovered', async () => {
  const first = await open();
  await first.logStore.write([write(null, entries(1, 30_000))]);
  await first.logStore.write([write(29_990)]);
  await first.close();
  expect(await stored(29_990)).toBeGreaterThan(0);
  const { logStore, close } = await open();
  expect((await logStore.recover(1)).log).toMatchObject({ snapshotIndex: 29_990, lastIndex: 30_000 });
  await expectGone(29_990);
  expect((await logStore.recover(1)).log).toMatchObject({ snapshotIndex: 29_990, lastIndex: 30_000 });
  await close();
});

test('a log that is compacted again and again takes no more room than it needs', async () => {
  const { logStore, close } = await open();
  let sizeAfterTwo = 0;
  for (let round = 1; round <= 12; round++) {
    await logStore.write([write((round - 1) * 5_000, entries((round - 1) * 5_000 + 1, round * 5_000))]);
    await expectGone((round - 1) * 5_000);
    const { size } = await stat(join(directory, 'log.mdb'));
    if (round === 2) sizeAfterTwo = size;
    else if (round > 2) expect(size).toBeLessThan(2 * sizeAfterTwo);
  }
  await close();
});
