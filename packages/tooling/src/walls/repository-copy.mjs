import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const notCopied = new Set(['.git', 'node_modules', 'dist', '.turbo', '.cache', '.flotilla', 'coverage', '.github']);

/**
 * A copy of the repository outside of it, to plant violations in. The dependencies are links to the original's, but the
 * repository's own packages resolve to the copy's, so that no tool ever looks back at the original.
 *
 * @typedef {{
 *   readonly root: string,
 *   write(path: string, text: string): void,
 *   remove(): void,
 * }} RepositoryCopy
 *
 * @param {string} original
 * @returns {RepositoryCopy}
 */
export function copyRepository(original) {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'flotilla-walls-')));
  for (const name of readdirSync(original)) {
    if (!notCopied.has(name)) cpSync(join(original, name), join(root, name), { recursive: true, filter: isSource });
  }
  linkDependencies(original, root);
  for (const parent of ['packages', 'apps']) {
    for (const name of readdirSync(join(root, parent))) linkDependencies(join(original, parent, name), join(root, parent, name));
  }
  return {
    root,
    write(path, text) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** @param {string} path */
function isSource(path) {
  return !notCopied.has(path.slice(path.lastIndexOf('/') + 1));
}

/**
 * @param {string} from
 * @param {string} to
 */
function linkDependencies(from, to) {
  const modules = join(from, 'node_modules');
  if (!existsSync(modules)) return;
  mkdirSync(join(to, 'node_modules'), { recursive: true });
  for (const name of readdirSync(modules)) {
    if (name === '@flotilla') linkOwnPackages(to);
    else if (!name.startsWith('.') || name === '.bin') symlinkSync(join(modules, name), join(to, 'node_modules', name));
  }
}

/** @param {string} root */
function linkOwnPackages(root) {
  mkdirSync(join(root, 'node_modules', '@flotilla'));
  for (const parent of ['packages', 'apps']) {
    for (const name of readdirSync(join(root, parent)))
      symlinkSync(join(root, parent, name), join(root, 'node_modules', '@flotilla', name));
  }
}
