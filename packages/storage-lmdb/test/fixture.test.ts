import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLmdbStorage, readIdentity, verifyDataDirectory } from '../src/index.ts';
import { PageFile } from '../src/pages/page-file.ts';
import { walkTree } from '../src/pages/walk-tree.ts';
import {
  fixtureBase,
  fixtureEntries,
  fixtureHardState,
  fixtureIdentity,
  fixtureMembership,
  fixturePair,
  fixturePeer,
  fixtureRecord,
  writeFixture,
} from './fixture-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

let directory: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ path: directory, remove } = await temporaryDirectory());
  await cp(join(import.meta.dirname, 'fixtures/format-3'), directory, { recursive: true });
});

afterEach(() => remove());

test('a directory that an earlier version of this format wrote is whole', async () => {
  const { problems, entries } = await verifyDataDirectory(directory);
  expect({ problems, entries }).toEqual({ problems: [], entries: new Map([[1, 4]]) });
  expect(await readIdentity(directory)).toMatchObject({ format: 3, ...fixtureIdentity, generation: 1, highestTerm: 4 });
});

test('this version writes the same records', async () => {
  const written = join(directory, 'written');
  await writeFixture(written);
  const [before, now] = [await recordsOf(directory), await recordsOf(written)];
  expect(before.length).toBeGreaterThan(10);
  expect(now).toEqual(before);
});

/** All records but those that name the directory. */
async function recordsOf(of: string): Promise<string[]> {
  const records: string[] = [];
  for (const file of ['log.mdb', 'state.mdb']) {
    const pages = new PageFile(join(of, file));
    const walk = walkTree(pages, pages.meta.records, ({ page, keyStart, keyEnd, value, valueStart, valueEnd }) => {
      if (keyEnd - keyStart > 1) records.push(`${page.toString('hex', keyStart, keyEnd)} ${value.toString('hex', valueStart, valueEnd)}`);
      return true;
    });
    while (!walk.next().done);
    pages.close();
  }
  return records;
}

test('a directory that an earlier version of this format wrote is opened, and goes on', async () => {
  const { logStore, stateStore, admit, close } = await openLmdbStorage({ directory, identity: fixtureIdentity });
  expect(await logStore.recover(1)).toEqual({
    hardState: fixtureHardState,
    base: fixtureBase,
    log: {
      snapshotIndex: 2,
      snapshotTerm: 1,
      runs: [
        { firstIndex: 3, term: 1 },
        { firstIndex: 5, term: 4 },
      ],
      lastIndex: 6,
    },
    lastTime: 1_700_000_000_006,
    memberships: [
      { index: 2, membership: fixtureMembership },
      { index: 5, membership: fixtureMembership },
    ],
    damage: null,
  });
  expect((await logStore.recover(2)).hardState).toEqual({ term: 3, vote: null, recovering: true });
  const read = logStore.read(1, 3, 6, 100_000).map((entry) => ({ ...entry, payload: new Uint8Array(entry.payload) }));
  expect(read).toEqual(fixtureEntries);
  const records = stateStore.journal(1, 3, 10).map((record) => ({ ...record, events: new Uint8Array(record.events) }));
  expect([stateStore.applied(1), records]).toEqual([5, [fixtureRecord]]);
  expect(new Uint8Array(stateStore.space(1).get(fixturePair[0]) ?? [])).toEqual(fixturePair[1]);
  expect([admit(3, fixturePeer), admit(3, fixturePeer.replace('.3.', '.2.'))]).toEqual([null, expect.stringMatching(/older copy/)]);
  const added = { index: 7, term: 4, time: 1_800_000_000_000, kind: 'no-op', payload: new Uint8Array(0) } as const;
  await logStore.write([{ group: 1, hardState: null, base: null, truncateAfter: null, entries: [added] }]);
  await close();
  expect((await verifyDataDirectory(directory)).problems).toEqual([]);
});
