import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryDirectory } from '../../test/temporary-directory.ts';
import { openDatabase } from '../environment.ts';
import { checkPages } from './check-pages.ts';
import { PageFile } from './page-file.ts';

let beforeNextRead: (() => void) | null = null;

vi.mock('node:fs', async (load) => {
  const fs = await load<typeof import('node:fs')>();
  return {
    ...fs,
    readSync: (...args: Parameters<typeof fs.readSync>) => {
      beforeNextRead?.();
      beforeNextRead = null;
      return fs.readSync(...args);
    },
  };
});

test('a file that grows while it is opened is not taken for one that ends too early', async () => {
  const { path, remove } = await temporaryDirectory();
  try {
    const file = join(path, 'growing.mdb');
    const db = openDatabase(file, 2 ** 26);
    const put = (from: number, to: number) =>
      db.batch(() => {
        for (let i = from; i < to; i++) db.put(Buffer.from([i >> 8, i & 255]), Buffer.alloc(1_000, i));
      });
    await put(0, 50);
    const before = join(path, 'before.mdb');
    copyFileSync(file, before);
    await put(50, 500);
    await db.close();
    expect(statSync(before).size).toBeLessThan(statSync(file).size);

    beforeNextRead = () => copyFileSync(file, before);
    const pages = new PageFile(before);
    for (const _ of checkPages(pages));
    expect(pages.meta.records.records).toBe(500);
    pages.close();
  } finally {
    await remove();
  }
});
