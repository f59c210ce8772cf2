import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { repositoryRoot } from '../src/process/repository-root.mjs';

/** Where the storage's tests are whose parts these commands run for longer. */
export const storageTests = join(repositoryRoot, 'packages/storage-lmdb/test');

/** Makes one file of a program of the storage's tests, with everything that it uses of the sources. Returns its path. */
export async function bundleOf(entry) {
  const file = join(repositoryRoot, 'node_modules/.cache/power-cuts', entry.replace('/', '-').replace(/ts$/, 'mjs'));
  const built = await rolldown({
    input: join(storageTests, entry),
    platform: 'node',
    external: /^(?!@flotilla\/)[@a-z]/,
    resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
  });
  await built.write({ file, format: 'esm' });
  await built.close();
  return file;
}

export async function load(entry) {
  return import(pathToFileURL(await bundleOf(entry)).href);
}

/** A directory for thousands of stores, in memory where that is possible. */
export function scratchDirectory(name) {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  mkdirSync(parent, { recursive: true });
  return mkdtempSync(join(parent, `flotilla-${name}-`));
}

/** A whole number of at least 1, or null with a word about it. */
export function wholeNumber(name, text) {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  process.stderr.write(`${name} ${text} is not a whole number from 1 on.\n`);
  return null;
}
