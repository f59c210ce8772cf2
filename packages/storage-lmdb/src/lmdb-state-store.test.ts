import { join } from 'node:path';
import { testStateStore } from '@flotilla/storage/testing';
import { describe, expect, test, vi } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { openDatabaseReadOnly } from './environment.ts';
import { openLmdbStorage } from './index.ts';
import { indexKey } from './keys.ts';

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
