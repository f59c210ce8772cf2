import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ readonly path: string, readonly text: () => string }} SourceFile
 * @typedef {{ readonly files: readonly SourceFile[] }} Repository
 */

/** What tools and runs leave behind; none of it is the repository's. */
const leftBehind = new Set(['.git', 'node_modules', 'dist', '.turbo', '.cache', '.flotilla', 'coverage']);

/**
 * Lists every file of the repository, with paths from its root. A walk instead of `git ls-files`: it also works in a
 * copy without history, and sees what is not added yet.
 *
 * @param {string} root
 * @returns {Repository}
 */
export function readRepository(root) {
  return { files: [...walk(root, '')].sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {Generator<SourceFile>}
 */
function* walk(root, folder) {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (leftBehind.has(entry.name) || entry.isSymbolicLink()) continue;
    if (entry.isDirectory()) yield* walk(root, path);
    else yield { path, text: () => readFileSync(join(root, path), 'utf8') };
  }
}
