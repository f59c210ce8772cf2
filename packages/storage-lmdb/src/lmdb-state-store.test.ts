import { testStateStore } from '@flotilla/storage/testing';
import { describe } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { openLmdbStorage } from './index.ts';

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
