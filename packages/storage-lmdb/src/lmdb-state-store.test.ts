import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { testStateStore } from '@flotilla/storage/testing';
import { describe, expect, test, vi } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { openDatabaseReadOnly } from './environment.ts';
import { openLmdbStorage } from './index.ts';
import { indexKey } from './keys.ts';
import { generationStart } from './space-keys.ts';

/** Once with everything that was committed still in memory, and once with commits on their way to disk all the time. */
describe.each([
  ['written at the end', 60_000],
  ['written at once', 0],
])('%s', (_, flushDelayMs) => {
  testStateStore('LmdbStateStore', async () => {
    const { path: directory, remove: dispose } = await temporaryDirectory();
    return {
      async open(retention) {
        const storage = await openLmdbStorage({ directory, identity: { clusterId: 'c', memberId: 1 }, retention, flushDelayMs });
        const { stateStore, close } = storage;
        return {
          applied: (group) => stateStore.applied(group),
          commit: async (commits) => {
            await stateStore.commit(commits);
            if (flushDelayMs === 0) await stateStore.flush();
          },
          space: (group) => stateStore.space(group),
          stagedBytes: (group) => stateStore.stagedBytes(group),
          view: (group) => stateStore.view(group),
          install: (group, applied, pairs) => stateStore.install(group, applied, pairs),
          journalStart: (group) => stateStore.journalStart(group),
          journal: (group, from, recordsMax, bytesMax) => stateStore.journal(group, from, recordsMax, bytesMax),
          close,
        };
      },
      dispose,
    };
  });
});

test('the file gives up a journal that was skipped, a part at a time, and goes on after a restart', async () => {
  const { path: directory, remove } = await temporaryDirectory();
  const open = () => openLmdbStorage({ directory, identity: { clusterId: 'c', memberId: 1 }, flushDelayMs: 0 });
  const stored = async () => {
    const db = openDatabaseReadOnly(join(directory, 'state.mdb'));
    const count = db.getKeysCount({ start: indexKey(1, 1), end: indexKey(1, 20_001) });
    await db.close();
    return count;
  };
  const first = await open();
  const records = Array.from({ length: 20_000 }, (_, i) => ({ index: i + 1, term: 1, time: 1, events: new Uint8Array(20) }));
  await first.stateStore.commit([{ group: 1, applied: 20_000, records }]);
  await first.stateStore.flush();
  await first.stateStore.commit([{ group: 1, applied: 30_000, skipsTo: 30_000, records: [] }]);
  await first.close();
  expect(await stored()).toBeGreaterThan(0);
  const second = await open();
  await second.stateStore.commit([{ group: 1, applied: 30_001, records: [] }]);
  await vi.waitFor(async () => expect(await stored()).toBe(0), { timeout: 20_000 });
  await second.close();
  await remove();
});

test('a space that was replaced leaves the file, and so does one that never got complete', async () => {
  const { path: directory, remove } = await temporaryDirectory();
  const open = () => openLmdbStorage({ directory, identity: { clusterId: 'c', memberId: 1 }, flushDelayMs: 0 });
  const stored = async () => {
    const db = openDatabaseReadOnly(join(directory, 'state.mdb'));
    const count = db.getKeysCount({ start: generationStart(1, 0), end: generationStart(1, 100) });
    await db.close();
    return count;
  };
  async function* pairs(count: number, end: () => void = () => {}) {
    for (let n = 0; n < count; n++) yield [[Buffer.from(String(n)), Buffer.alloc(1_000)] as const];
    end();
  }
  const fails = () => {
    throw new Error('the sender is gone');
  };
  const first = await open();
  await first.stateStore.install(1, 10, pairs(5_000));
  await first.stateStore.install(1, 20, pairs(100));
  await vi.waitFor(async () => expect(await stored()).toBe(100), { timeout: 20_000 });
  await expect(first.stateStore.install(1, 30, pairs(5_000, fails))).rejects.toThrow('the sender is gone');
  await first.close();
  expect(await stored()).toBeGreaterThan(100);
  const second = await open();
  expect([...second.stateStore.space(1).range()]).toHaveLength(100);
  await vi.waitFor(async () => expect(await stored()).toBe(100), { timeout: 20_000 });
  await second.close();
  await remove();
});

test('a damaged pair is found when it is read, says what to do, and is gone at the next opening', async () => {
  const { path: directory, remove } = await temporaryDirectory();
  const open = () => openLmdbStorage({ directory, identity: { clusterId: 'c', memberId: 1 }, flushDelayMs: 0 });
  const first = await open();
  first.stateStore.space(1).put(Buffer.from('key'), Buffer.from('a value that can be found in the file'));
  first.stateStore.space(1).put(Buffer.from('other'), Buffer.from('sound'));
  await first.stateStore.commit([{ group: 1, applied: 1, records: [] }]);
  await first.close();
  const file = join(directory, 'state.mdb');
  const bytes = await readFile(file);
  for (let at = bytes.indexOf('be found'); at >= 0; at = bytes.indexOf('be found', at + 1)) bytes.write('BE', at);
  await writeFile(file, bytes);
  const second = await open();
  const space = second.stateStore.space(1);
  const message = expect.stringContaining(`a pair of the space in ${file} is damaged`);
  const corrupted = { code: 'state_corrupted', message, hint: expect.stringMatching(/^Start the member again/) };
  const reasons: unknown[] = [];
  second.onStop((reason) => reasons.push(reason));
  expect(space.get(Buffer.from('other'))).toEqual(Buffer.from('sound'));
  expect(() => space.get(Buffer.from('key'))).toThrow(expect.objectContaining(corrupted));
  expect(() => [...space.range()]).toThrow(expect.objectContaining(corrupted));
  expect(reasons).toEqual([expect.objectContaining(corrupted)]);
  await expect(second.stateStore.commit([{ group: 1, applied: 2, records: [] }])).rejects.toMatchObject(corrupted);
  await second.close();
  const third = await open();
  expect(third.warnings).toEqual([expect.stringMatching(/a pair of the space in .* is damaged; it begins anew.*state\.mdb\.damaged/)]);
  expect([third.stateStore.applied(1), third.stateStore.space(1).get(Buffer.from('other'))]).toEqual([0, undefined]);
  await third.stateStore.commit([{ group: 1, applied: 1, records: [] }]);
  await third.close();
  const fourth = await open();
  expect([fourth.warnings, fourth.stateStore.applied(1)]).toEqual([[], 1]);
  await fourth.close();
  await remove();
});

test('a view that is kept too long closes itself, and so does one of a store that is closed', async () => {
  const { path: directory, remove } = await temporaryDirectory();
  const storage = await openLmdbStorage({ directory, identity: { clusterId: 'c', memberId: 1 } });
  for (const key of ['a', 'b', 'c']) storage.stateStore.space(1).put(Buffer.from(key), Buffer.from('1'));
  await storage.stateStore.commit([{ group: 1, applied: 1, records: [] }]);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const view = await storage.stateStore.view(1);
  const read = view.range()[Symbol.iterator]();
  read.next();
  vi.advanceTimersByTime(3_600_000);
  vi.useRealTimers();
  const closed = expect.objectContaining({ code: 'view_closed' });
  expect(() => read.next()).toThrow(closed);
  expect(() => view.get(Buffer.from('a'))).toThrow(closed);
  const other = await storage.stateStore.view(1);
  const half = other.range()[Symbol.iterator]();
  half.next();
  await storage.close();
  expect(() => half.next()).toThrow(closed);
  expect(() => other.range()[Symbol.iterator]().next()).toThrow(closed);
  await remove();
});
