import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../../test/temporary-directory.ts';
import { openDatabase } from '../environment.ts';
import { checkPages } from './check-pages.ts';
import { PageDamage } from './page-damage.ts';
import { PageFile } from './page-file.ts';
import { walkTree } from './walk-tree.ts';

const records = 20_000;
let file: string;
let remove: () => Promise<void>;

beforeAll(async () => {
  const directory = await temporaryDirectory();
  ({ remove } = directory);
  file = join(directory.path, 'records.mdb');
  const db = openDatabase(file, 2 ** 30);
  // In no order, so that pages whose keys are neighbours lie far apart; some values have pages of their own.
  await db.batch(() => {
    for (let i = 0; i < records; i++) {
      const number = (i * 7_919) % records;
      db.put(keyOf(number), Buffer.alloc(number % 100 === 0 ? 10_000 : 200, number % 251));
    }
  });
  await db.batch(() => {
    for (let i = 0; i < records; i += 50) db.remove(keyOf(i));
  });
  await db.close();
});

afterAll(() => remove());

function keyOf(number: number): Buffer {
  return Buffer.from(`key ${String(number).padStart(8, '0')}`);
}

/** What a look at the file says of it: null where it is sound. */
function lookAt(look: (pages: PageFile) => Generator<void, void, void>): PageDamage | null {
  try {
    const pages = new PageFile(file);
    try {
      for (const _ of look(pages));
      return null;
    } finally {
      pages.close();
    }
  } catch (error) {
    if (error instanceof PageDamage) return error;
    throw error;
  }
}

const everyRecord = (pages: PageFile) => walkTree(pages, pages.meta.records, () => true);

/** Writes `bytes` at `at` while `work` runs. */
function withBytes<T>(at: number, bytes: Buffer, work: () => T): T {
  const descriptor = openSync(file, 'r+');
  const before = Buffer.alloc(bytes.length);
  try {
    readSync(descriptor, before, 0, before.length, at);
    writeSync(descriptor, bytes, 0, bytes.length, at);
    const result = work();
    writeSync(descriptor, before, 0, before.length, at);
    return result;
  } finally {
    closeSync(descriptor);
  }
}

test('a file is read about once, in whatever order it was filled', () => {
  expect(lookAt(checkPages)).toBeNull();
  const pages = new PageFile(file);
  for (const _ of checkPages(pages));
  expect(pages.bytesRead).toBeLessThan(1.2 * pages.sizeBytes);
  pages.close();
});

test('finds whatever a walk from record to record would fall over', () => {
  const { size } = statSync(file);
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  let found = 0;
  for (let i = 0; i < 60; i++) {
    // The headers of pages, and the places of their records.
    const page = 2 + random(size / 4096 - 2);
    const bytes = Buffer.from([random(256), random(256)]);
    const [walked, checked] = withBytes(page * 4096 + random(64), bytes, () => [lookAt(everyRecord), lookAt(checkPages)]);
    if (walked) {
      found++;
      expect(checked, `page ${page}: ${walked.message}`).not.toBeNull();
    }
  }
  expect(found).toBeGreaterThan(20);
});

test('says what is wrong, and of which page', () => {
  const sound = new PageFile(file);
  const { root } = sound.meta.records;
  sound.close();
  const at = Number(root) * 4096;
  expect(withBytes(at + 18, Buffer.from([2]), () => lookAt(checkPages))).toMatchObject({
    page: root,
    message: expect.stringContaining('kind'),
  });
  expect(withBytes(at, Buffer.from([1]), () => lookAt(checkPages))).toMatchObject({ page: root });
});
