import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isStorageError } from '@flotilla/storage';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openLmdbStorage, openLmdbStorageReadOnly, verifyDataDirectory } from '../src/index.ts';
import { PageDamage } from '../src/pages/page-damage.ts';
import { PageFile } from '../src/pages/page-file.ts';
import { walkTree } from '../src/pages/walk-tree.ts';
import { copyChanged, createSampleStore, sampleEntries, sampleIdentity } from './sample-store.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const seeds = 40;
let root: string;
let remove: () => Promise<void>;
let healthy: string;
let damaged: string;

beforeAll(async () => {
  ({ path: root, remove } = await temporaryDirectory());
  [healthy, damaged] = [join(root, 'healthy'), join(root, 'damaged')];
  await createSampleStore(healthy);
});

afterAll(() => remove());

/** All records of a file, as bytes; null where its pages cannot be those of LMDB. */
function contentOf(file: string): string | null {
  try {
    const pages = new PageFile(file);
    try {
      let content = '';
      const walk = walkTree(pages, pages.meta.records, ({ page, keyStart, keyEnd, value, valueStart, valueEnd }) => {
        content += `${page.toString('hex', keyStart, keyEnd)} ${value.toString('hex', valueStart, valueEnd)}\n`;
        return true;
      });
      while (!walk.next().done);
      return content;
    } finally {
      pages.close();
    }
  } catch (error) {
    expect(error).toBeInstanceOf(PageDamage);
    return null;
  }
}

type Change = (bytes: Buffer, random: (below: number) => number) => Buffer;

const changes: Readonly<Record<string, Change>> = {
  'a flipped bit': (bytes, random) => {
    const at = random(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    return bytes;
  },
  'a zeroed sector': (bytes, random) => bytes.fill(0, ...sector(random(bytes.length / 512))),
  'a sector of random bytes': (bytes, random) => {
    const [start, end] = sector(random(bytes.length / 512));
    for (let at = start; at < end; at++) bytes[at] = random(256);
    return bytes;
  },
  'a page in the place of another': (bytes, random) => {
    const [from, to] = [random(bytes.length / 4096), random(bytes.length / 4096)];
    bytes.copy(bytes, 4096 * to, 4096 * from, 4096 * (from + 1));
    return bytes;
  },
  'a file that ends early': (bytes, random) => bytes.subarray(0, random(bytes.length)),
};

function sector(number: number): [number, number] {
  return [512 * number, 512 * (number + 1)];
}

/** The same numbers for the same seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return Math.floor((((state ^ (state >>> 13)) >>> 0) / 2 ** 32) * below);
  };
}

test('nothing is wrong with a healthy store, also after it was opened again', async () => {
  const progress: string[] = [];
  const { problems, entries } = await verifyDataDirectory(healthy, {
    onProgress: ({ file, records, of }) => progress.push(`${file} ${records}/${of}`),
  });
  expect(problems).toEqual([]);
  expect(entries).toEqual(new Map([[1, 100]]));
  expect(progress).toEqual([expect.stringMatching(/^log\.mdb (\d+)\/\1$/), expect.stringMatching(/^state\.mdb (\d+)\/\1$/)]);
});

test.each(Object.entries(changes))('%s never kills, is never served, and is found where it touches anything', async (name, change) => {
  const outcomes = { harmless: 0, healed: 0, refused: 0, failed: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const file = seed % 2 === 0 ? 'log.mdb' : 'state.mdb';
    await copyChanged(healthy, damaged, file, (bytes) => change(bytes, randomOf(seed * 7_919 + name.length)));
    const differs = contentOf(join(damaged, file)) !== contentOf(join(healthy, file));
    const { problems } = await verifyDataDirectory(damaged);
    if (differs) expect(problems, `seed ${seed}`).not.toEqual([]);
    outcomes[await open(seed)]++;
  }
  expect(outcomes.harmless + outcomes.healed + outcomes.refused + outcomes.failed).toBe(seeds);
  expect(outcomes.failed + outcomes.healed + outcomes.refused).toBeGreaterThan(0);
});

/** Opens the damaged store, and reads all of it: what it gives is what was written. Damaged state is gone at the next opening at the latest. */
async function open(seed: number, mayFail = true): Promise<'harmless' | 'healed' | 'refused' | 'failed'> {
  let storage: Awaited<ReturnType<typeof openLmdbStorage>>;
  try {
    storage = await openLmdbStorage({ directory: damaged, identity: sampleIdentity });
  } catch (error) {
    expect(isStorageError(error), `seed ${seed}: ${error}`).toBe(true);
    return 'refused';
  }
  try {
    const { log, hardState } = await storage.logStore.recover(1);
    if (log.lastIndex > log.snapshotIndex) {
      for (const { index, payload } of storage.logStore.read(1, log.snapshotIndex + 1, log.lastIndex, 10_000_000)) {
        expect(Buffer.compare(payload, sampleEntries[index - 1]?.payload ?? Buffer.alloc(0)), `seed ${seed}`).toBe(0);
      }
    }
    expect(log.lastIndex === 120 || hardState.recovering === true, `seed ${seed}`).toBe(true);
    const records = storage.stateStore.journal(1, 1, 100);
    if (storage.warnings.length > 0) {
      expect([storage.stateStore.applied(1), records], `seed ${seed}`).toEqual([0, []]);
      return 'healed';
    }
    expect(
      records.map(({ index }) => index),
      `seed ${seed}`,
    ).toEqual([20, 40, 60, 80, 90, 110]);
    return hardState.recovering ? 'healed' : 'harmless';
  } catch (error) {
    if (!isStorageError(error, 'state_corrupted') || !mayFail) throw error;
  } finally {
    await storage.close();
  }
  expect(await open(seed, false), `seed ${seed}`).toBe('healed');
  return 'failed';
}

test.each(['log.mdb', 'state.mdb'])('%s in other shapes is refused with a way out, unless it is derived', async (file) => {
  const shapes: [string, (bytes: Buffer) => Buffer][] = [
    ['one byte', (bytes) => bytes.subarray(0, 1)],
    ['one page', (bytes) => bytes.subarray(0, 4096)],
    ['two pages', (bytes) => bytes.subarray(0, 8192)],
    ['half', (bytes) => bytes.subarray(0, bytes.length / 2)],
    ['zeros', (bytes) => Buffer.alloc(bytes.length)],
    ['a text', () => Buffer.from('hello, world\n'.repeat(10_000))],
    ['another version', (bytes) => bytes.fill(9, 28, 29)],
  ];
  for (const [name, change] of shapes) {
    await copyChanged(healthy, damaged, file, change);
    const bytes = await readFile(join(damaged, file));
    expect((await verifyDataDirectory(damaged)).problems).toMatchObject([{ file }]);
    const code = file === 'log.mdb' ? 'data_directory_unusable' : 'state_corrupted';
    await expect(openLmdbStorageReadOnly(damaged), name).rejects.toMatchObject({ code });
    const opened = openLmdbStorage({ directory: damaged, identity: sampleIdentity });
    if (file === 'log.mdb') {
      const refused = { code, message: expect.stringContaining(file), hint: expect.stringMatching(/[Rr]emove/) };
      await expect(opened, name).rejects.toMatchObject(refused);
    } else {
      const { stateStore, warnings, close } = await opened;
      expect(warnings, name).toEqual([expect.stringMatching(/state\.mdb is damaged.*; it begins anew.*state\.mdb\.damaged/)]);
      expect(stateStore.applied(1), name).toBe(0);
      await close();
      expect(await readFile(join(damaged, 'state.mdb.damaged')), name).toEqual(bytes);
      expect((await verifyDataDirectory(damaged)).problems, name).toEqual([]);
    }
  }
});

test('files that do not belong together, older ones, and missing ones are found', async () => {
  const other = join(root, 'other');
  await createSampleStore(other);
  const [foreignLog, foreignState] = await Promise.all(['log.mdb', 'state.mdb'].map((file) => readFile(join(other, file))));
  const problemsOf = async (file: string, bytes: Buffer) => {
    await copyChanged(healthy, damaged, file, () => bytes);
    return (await verifyDataDirectory(damaged)).problems;
  };
  expect(await problemsOf('log.mdb', foreignLog as Buffer)).toMatchObject([{ file: 'log.mdb', what: expect.stringMatching(/belong/) }]);
  expect(await problemsOf('state.mdb', foreignState as Buffer)).toMatchObject([
    { file: 'state.mdb', what: expect.stringMatching(/belong/) },
  ]);
  expect(await problemsOf('peers.json', Buffer.from('{}'))).toMatchObject([{ file: 'peers.json' }]);
  expect(await problemsOf('identity.json', Buffer.from('{}'))).toMatchObject([{ file: 'identity.json' }]);
  const identity = JSON.parse(await readFile(join(healthy, 'identity.json'), 'utf8'));
  const changed = (change: object) => problemsOf('identity.json', Buffer.from(JSON.stringify({ ...identity, ...change })));
  expect(await changed({ generation: 2 })).toMatchObject([{ file: 'log.mdb', what: expect.stringMatching(/older copy/) }]);
  expect(await changed({ highestTerm: 6 })).toMatchObject([{ file: 'log.mdb', what: expect.stringMatching(/term 6/) }]);
  await copyChanged(healthy, damaged, 'log.mdb', (bytes) => bytes);
  await rm(join(damaged, 'state.mdb'));
  expect((await verifyDataDirectory(damaged)).problems).toMatchObject([{ file: 'state.mdb', what: 'it is missing or empty' }]);
});

test('a directory in use is not verified', async () => {
  const storage = await openLmdbStorage({ directory: healthy, identity: sampleIdentity });
  await expect(verifyDataDirectory(healthy)).rejects.toMatchObject({ code: 'data_directory_in_use' });
  await storage.close();
});
