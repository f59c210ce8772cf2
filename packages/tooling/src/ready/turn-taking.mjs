import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 200;

/**
 * Runs `work` while no other process does so under the same lock file. The file names its owner: the lock of a process
 * that no longer runs is taken over.
 *
 * @template T
 * @param {string} lockFile
 * @param {() => Promise<T>} work
 * @param {(owner: number) => void} onWait called once if somebody else is at it
 * @returns {Promise<T>}
 */
export async function oneAtATime(lockFile, work, onWait) {
  mkdirSync(dirname(lockFile), { recursive: true });
  for (let waited = false; !take(lockFile); ) {
    const owner = ownerOf(lockFile);
    if (owner !== undefined && !isRunning(owner)) {
      rmSync(lockFile, { force: true });
      continue;
    }
    if (!waited && owner !== undefined) {
      onWait(owner);
      waited = true;
    }
    await sleep(pollMs);
  }
  const release = () => rmSync(lockFile, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** @param {string} lockFile */
function take(lockFile) {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} lockFile */
function ownerOf(lockFile) {
  try {
    const owner = Number.parseInt(readFileSync(lockFile, 'utf8'), 10);
    return Number.isNaN(owner) ? undefined : owner;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
