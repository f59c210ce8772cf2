import { testLogStore } from '@flotilla/storage/testing';
import { DrivenWorld } from '../../test/disk/driven-world.ts';
import { Machine } from '../../test/disk/machine.ts';

testLogStore('SimLogStore', () => {
  const driven = new DrivenWorld();
  const machine = new Machine(driven.world, 7);
  return {
    async open() {
      const { logStore, close } = machine.start();
      return {
        recover: (group) => logStore.recover(group),
        write: (writes) => driven.wait(logStore.write(writes)),
        read: (group, from, to, bytesMax) => logStore.read(group, from, to, bytesMax),
        close: () => driven.wait(close()),
      };
    },
    crash: async () => machine.powerCut(),
  };
});
