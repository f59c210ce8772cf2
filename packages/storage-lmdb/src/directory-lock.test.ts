import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { type LockAddress, lockAddress, lockDirectory } from './directory-lock.ts';

let directory: string;
let remove: () => Promise<void>;

beforeEach(async () => {
  ({ path: directory, remove } = await temporaryDirectory());
});

afterEach(() => remove());

test('every platform has an address of its own, which is the same for the same directory', () => {
  expect(lockAddress('/a', 'linux')).toEqual(lockAddress('/a', 'linux'));
  expect(lockAddress('/a', 'linux').path).not.toBe(lockAddress('/b', 'linux').path);
  expect(lockAddress('/a', 'linux').path).toMatch(/^\0flotilla-[0-9a-f]{32}$/);
  expect(lockAddress('/a', 'win32').path).toMatch(/^\\\\\.\\pipe\\flotilla-/);
  expect(lockAddress('/a', 'darwin')).toMatchObject({ path: expect.stringMatching(/flotilla-.*\.sock$/), freedByKernel: false });
});

test.skipIf(process.platform === 'win32')('a socket file keeps others out while somebody listens on it', async () => {
  const address: LockAddress = { path: join(directory, 'lock.sock'), freedByKernel: false };
  const lock = await lockDirectory(directory, address);
  await expect(lockDirectory(directory, address)).rejects.toMatchObject({ code: 'data_directory_in_use' });
  await lock.release();
  await (await lockDirectory(directory, address)).release();
});

test.skipIf(process.platform === 'win32')('a socket file that a dead process left is taken over', async () => {
  const address: LockAddress = { path: join(directory, 'lock.sock'), freedByKernel: false };
  await leaveSocketFile(address.path);
  expect(existsSync(address.path)).toBe(true);
  await (await lockDirectory(directory, address)).release();
});

/** A socket file with nobody behind it: Node removes the path that it bound, not the name that it was moved to. */
async function leaveSocketFile(path: string): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(`${path}.bound`, resolve));
  await rename(`${path}.bound`, path);
  await new Promise((resolve) => server.close(resolve));
}
