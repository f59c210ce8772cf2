import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ version?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockedPackage
 * @typedef {{ packages: Readonly<Record<string, LockedPackage>> }} LockFile
 */

/**
 * Why `node_modules` is not what `package-lock.json` describes, or undefined if it is. npm itself notes in
 * `node_modules/.package-lock.json` what it installed, as the last thing it does; comparing the two needs no mark of our
 * own and also believes an installation that somebody made by hand.
 *
 * @param {string} root
 * @returns {string | undefined}
 */
export function staleReason(root) {
  const note = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(note)) return 'nothing is installed yet';
  const locked = readLockFile(join(root, 'package-lock.json'));
  const installed = readLockFile(note);
  const changed = Object.keys(locked.packages).find((path) => isMissing(path, locked, installed));
  return changed && `${changed.replace(/^.*node_modules\//, '')} changed`;
}

/**
 * @param {string} path
 * @param {LockFile} locked
 * @param {LockFile} installed
 */
function isMissing(path, locked, installed) {
  const wanted = locked.packages[path];
  const found = installed.packages[path];
  if (!wanted || !path.includes('node_modules/')) return false;
  // Optional packages are mostly those of other platforms; where one is there, it has to be the right one.
  if (!found) return !wanted.optional && !wanted.devOptional && !wanted.peer;
  return wanted.version !== found.version;
}

/**
 * @param {string} path
 * @returns {LockFile}
 */
function readLockFile(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
