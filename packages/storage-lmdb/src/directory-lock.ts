import { createHash } from 'node:crypto';
import { readFile, unlink, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StorageError } from '@flotilla/storage';

/** The right to use a directory alone. The kernel takes it back when the process ends, however it ends. */
export interface DirectoryLock {
  release(): Promise<void>;
}

const holderFile = 'holder.json';

/**
 * Takes the lock of a directory, given its real path. Throws `data_directory_in_use` where a process has it, be it this
 * one.
 *
 * The lock is a listening socket, because Node has no file locks: whoever listens on the directory's address holds it.
 * It is known within one machine and, on Linux, within one network namespace: two containers that share a volume but
 * not their network do not see each other's locks.
 */
export async function lockDirectory(realPath: string, address: LockAddress = lockAddress(realPath)): Promise<DirectoryLock> {
  const server = await listen(address);
  if (!server) throw await inUse(realPath);
  // Only for the message: the socket is the lock, whatever this file says.
  await writeFile(join(realPath, holderFile), `${JSON.stringify({ pid: process.pid })}\n`).catch(() => {});
  return {
    async release() {
      await unlink(join(realPath, holderFile)).catch(() => {});
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface LockAddress {
  readonly path: string;
  /** Whether the kernel frees the address with the process; if not, a dead process leaves a file there. */
  readonly freedByKernel: boolean;
}

export function lockAddress(realPath: string, platform: NodeJS.Platform = process.platform): LockAddress {
  const name = `flotilla-${createHash('sha256').update(realPath).digest('hex').slice(0, 32)}`;
  switch (platform) {
    case 'linux':
      return { path: `\0${name}`, freedByKernel: true };
    case 'win32':
      return { path: `\\\\.\\pipe\\${name}`, freedByKernel: true };
    default:
      return { path: join(tmpdir(), `${name}.sock`), freedByKernel: false };
  }
}

/** A server on the address, or undefined where somebody else has it. */
async function listen(address: LockAddress): Promise<Server | undefined> {
  const server = await tryListen(address.path);
  if (server || address.freedByKernel || (await answers(address.path))) return server;
  // Nobody is behind the file: its process died. Two that find out at the same moment both try, and one of them wins.
  await unlink(address.path).catch(() => {});
  return tryListen(address.path);
}

function tryListen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    // Not shared with the other workers of a cluster.
    server.listen({ path, exclusive: true }, () => resolve(server.unref()));
  });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

async function inUse(realPath: string): Promise<StorageError> {
  const pid = await readFile(join(realPath, holderFile), 'utf8').then(
    (text): unknown => (/"pid":\s*(\d+)/.exec(text) ?? [])[1],
    () => undefined,
  );
  return new StorageError(
    'data_directory_in_use',
    `${realPath} is in use by ${pid === undefined ? 'another process' : `process ${pid}`}`,
    'Stop that process first, or name another data directory: two processes must never share one.',
  );
}
