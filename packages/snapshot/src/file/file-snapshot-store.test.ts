import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testSnapshotStore } from '../testing/index.ts';
import { FileSnapshotStore } from './file-snapshot-store.ts';

testSnapshotStore('FileSnapshotStore', async () => {
  const place = await mkdtemp(join(tmpdir(), 'flotilla-snapshots-'));
  let directory = join(place, 'life-0');
  let lives = 0;
  return {
    open: async () => new FileSnapshotStore({ directory, cluster: 'blue' }),
    // What is written to from before the crash is out of reach for whoever comes next.
    async crash() {
      const next = join(place, `life-${++lives}`);
      await cp(directory, next, { recursive: true });
      directory = next;
    },
    dispose: () => rm(place, { recursive: true }),
  };
});
