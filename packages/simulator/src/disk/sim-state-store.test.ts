import { testStateStore } from '@flotilla/storage/testing';
import { describe } from 'vitest';
import { DrivenWorld } from '../../test/disk/driven-world.ts';
import { Machine } from '../../test/disk/machine.ts';

/** Once with everything that was committed still in memory, and once with commits on their way to disk all the time. */
describe.each([
  ['written at the end', 60_000],
  ['written at once', 0],
])('%s', (_, stateFlushDelayMs) => {
  testStateStore('SimStateStore', () => {
    const driven = new DrivenWorld();
    const machine = new Machine(driven.world, 7, { stateFlushDelayMs });
    return {
      async open(retention) {
        const { stateStore, close } = machine.start({ retention });
        return {
          applied: (group) => stateStore.applied(group),
          commit: async (commits) => {
            await stateStore.commit(commits);
            await driven.wait(driven.world.pass(1));
          },
          space: (group) => stateStore.space(group),
          stagedBytes: (group) => stateStore.stagedBytes(group),
          view: (group) => stateStore.view(group),
          install: (group, applied, pairs) => driven.wait(stateStore.install(group, applied, pairs)),
          journalStart: (group) => stateStore.journalStart(group),
          journal: (group, from, recordsMax, bytesMax) => stateStore.journal(group, from, recordsMax, bytesMax),
          close: () => driven.wait(close()),
        };
      },
    };
  });
});
