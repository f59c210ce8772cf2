import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { foundingMembership } from '@flotilla/core';
import type { StorageError } from '@flotilla/storage';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSampleStore, sampleEntries, sampleIdentity } from '../test/sample-store.ts';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { type LmdbStorage, openLmdbStorage } from './index.ts';

let directory: string;
let remove: () => Promise<void>;
let storage: LmdbStorage;
let found: StorageError[] = [];

beforeEach(async () => {
  ({ path: directory, remove } = await temporaryDirectory());
  await createSampleStore(directory);
  found = [];
  storage = await openLmdbStorage({ directory, identity: sampleIdentity });
});

afterEach(async () => {
  await storage.close();
  await remove();
});

/** Reads everything again as fast as it can, until `until` is done. */
async function scrub(until: () => Promise<void>): Promise<void> {
  storage.onStop((error) => found.push(error));
  storage.startScrub({ bytesPerSecond: 2 ** 30, restMs: 1 });
  await until();
}

const somethingIsFound = () => vi.waitFor(() => expect(found).toHaveLength(1), { timeout: 20_000 });

/** Changes a byte of a file under the feet of the member that runs on it. */
async function change(file: string, ofPayload: number): Promise<void> {
  const bytes = await readFile(join(directory, file));
  const at = bytes.indexOf(Buffer.alloc(40, ofPayload));
  expect(at).toBeGreaterThan(0);
  bytes[at] = 0;
  await writeFile(join(directory, file), bytes, { flag: 'r+' });
}

test('a healthy store is read again and again, while it is written', async () => {
  const { logStore } = storage;
  await scrub(async () => {
    for (let round = 1; round <= 45; round++) {
      const last = 120 + round;
      const entries = sampleEntries.slice(0, 5).map((entry, i) => ({ ...entry, index: last - 5 + i + 1, term: 5 + round }));
      const base = round % 5 === 0 ? { index: last - 50, term: 5, time: 1, membership: foundingMembership([]) } : null;
      await logStore.write([{ group: 1, hardState: null, base, truncateAfter: last - 5, entries }]);
    }
  });
  expect(found).toEqual([]);
});

test.each([
  ['log.mdb', 'log_corrupted', 33, /^group 1: entry 33 is not what was written in .*log\.mdb$/],
  ['state.mdb', 'state_corrupted', 90, /^group 1: journal record 90 is not what was written in .*state\.mdb$/],
])('damage in %s ends the member before anybody asks for what is damaged', async (file, code, index, message) => {
  await change(file, index);
  await scrub(somethingIsFound);
  expect(found).toEqual([expect.objectContaining({ code, message: expect.stringMatching(message) })]);
  const refused = file === 'log.mdb' ? () => storage.logStore.read(1, 21, 22, 100) : () => storage.stateStore.applied(1);
  expect(refused).toThrow(expect.objectContaining({ code }));
  await storage.close();
  storage = await openLmdbStorage({ directory, identity: sampleIdentity });
  const { hardState } = await storage.logStore.recover(1);
  const [recovers, rebuilds] = [hardState.recovering === true, storage.warnings.some((warning) => warning.includes('begins anew'))];
  expect([recovers, rebuilds]).toEqual(file === 'log.mdb' ? [true, false] : [false, true]);
});

test('a large log is read a slice at a time', async () => {
  const payload = new Uint8Array(100_000).fill(1);
  const entries = Array.from({ length: 40 }, (_, i) => ({ index: 121 + i, term: 5, time: 2_000, kind: 'command', payload }) as const);
  await storage.logStore.write([{ group: 1, hardState: null, base: null, truncateAfter: null, entries }]);
  const last = Buffer.alloc(50_000, 7);
  await storage.logStore.write([
    {
      group: 1,
      hardState: null,
      base: null,
      truncateAfter: null,
      entries: [{ index: 161, term: 5, time: 2_000, kind: 'command', payload: last }],
    },
  ]);
  await change('log.mdb', 7);
  await scrub(somethingIsFound);
  expect(found[0]?.message).toMatch(/entry 161 is not what was written/);
});
