import { testSnapshotStore } from '@flotilla/snapshot/testing';
import { DrivenWorld } from '../../test/disk/driven-world.ts';
import { Machine } from '../../test/disk/machine.ts';

testSnapshotStore('SimSnapshotStore', () => {
  const driven = new DrivenWorld();
  const machine = new Machine(driven.world, 7);
  return {
    async open() {
      const { snapshotStore: store } = machine.start();
      return {
        newest: (group) => store.newest(group),
        save: (group, position, parts) => driven.wait(store.save(group, position, parts)),
        read: (group, id, offset, bytesMax) => store.read(group, id, offset, bytesMax),
        receive: (group, snapshot, offset, part) => driven.wait(store.receive(group, snapshot, offset, part)),
        complete: (group, snapshot) => driven.wait(store.complete(group, snapshot)),
        load: (group, id) => store.load(group, id),
      };
    },
    crash: async () => machine.powerCut(),
  };
});
