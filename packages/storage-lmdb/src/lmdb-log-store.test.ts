import { testLogStore } from '@flotilla/storage/testing';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { openLmdbStorage } from './index.ts';

testLogStore('LmdbLogStore', async () => {
  const { path: directory, remove: dispose } = await temporaryDirectory();
  return {
    async open() {
      const { logStore, close } = await openLmdbStorage({ directory, identity: { clusterId: 'c', memberId: 1 } });
      return {
        recover: (group) => logStore.recover(group),
        write: (writes) => logStore.write(writes),
        read: (group, from, to, bytesMax) => logStore.read(group, from, to, bytesMax),
        close,
      };
    },
    dispose,
  };
});
