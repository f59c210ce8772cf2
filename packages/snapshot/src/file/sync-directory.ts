import { open } from 'node:fs/promises';

/** Makes the names in a directory survive a power cut: files that were created, renamed or removed. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory; NTFS keeps names in its own journal.
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
