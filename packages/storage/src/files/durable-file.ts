import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

/** Makes the names in a directory survive a power cut: files that were created, renamed or removed. */
export async function syncDirectory(directory: string): Promise<void> {
  // Windows cannot open a directory; NTFS keeps names in its own journal.
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Creates a directory with all that is missing above it, so that a power cut cannot take it away again. */
export async function createDirectory(directory: string): Promise<void> {
  const target = resolve(directory);
  const firstCreated = await mkdir(target, { recursive: true });
  if (firstCreated === undefined) return;
  let parent = dirname(resolve(firstCreated));
  await syncDirectory(parent);
  for (const name of relative(parent, dirname(target)).split(/[\\/]/).filter(Boolean)) {
    parent = join(parent, name);
    await syncDirectory(parent);
  }
}

/** Replaces a file as a whole: after a power cut it has its old content or its new one. */
export async function writeFileDurably(file: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${file}.new`;
  await unlink(temporary).catch(() => {});
  const handle = await open(temporary, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
  await syncDirectory(dirname(file));
}

/** As {@link writeFileDurably}, with nobody running meanwhile: for small files that are written seldom. */
export function writeFileDurablySync(file: string, content: string): void {
  const temporary = `${file}.new`;
  const descriptor = openSync(temporary, 'w');
  try {
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
  if (process.platform === 'win32') return;
  const directory = openSync(dirname(file), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
