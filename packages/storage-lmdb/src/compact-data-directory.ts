import { open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { StorageError } from '@flotilla/storage';
import { syncDirectory } from '@flotilla/storage/files';
import { openClaimedFile } from './claimed-file.ts';
import { type DataDirectory, logFile, openDataDirectory, sizeOf, stateFile } from './data-directory.ts';
import { openDatabase } from './environment.ts';
import { clusterIdOf, readIdentity } from './identity.ts';
import { incarnationKey } from './keys.ts';
import { PageFile } from './pages/page-file.ts';
import { assertSound } from './sound-file.ts';

/** What became of one of the files. */
export interface CompactedFile {
  readonly file: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

export interface CompactOptions {
  /** Called before each file is copied. */
  readonly onFile?: (file: string, bytes: number) => void;
}

/**
 * Gives the room back to the file system that the files of a stopped member hold and do not need: LMDB uses free pages again, and never
 * makes a file smaller. Each file is copied without them, the copy verified, and put in its place; a crash leaves the one or the other.
 *
 * Needs room for a copy of the larger file. Throws `data_directory_in_use` where the member runs, and `data_directory_unusable`.
 */
export async function compactDataDirectory(
  directory: string,
  { onFile = () => {} }: CompactOptions = {},
): Promise<readonly CompactedFile[]> {
  const identity = await readIdentity(directory);
  const held = await openDataDirectory(directory, { clusterId: clusterIdOf(identity), memberId: identity.memberId });
  try {
    const compacted: CompactedFile[] = [];
    for (const name of [logFile, stateFile] as const) {
      const file = join(held.path, name);
      const bytesBefore = await sizeOf(file);
      // Where derived state is lost, the next start rebuilds it.
      if (!bytesBefore) continue;
      onFile(file, bytesBefore);
      await compactFile(held, name);
      compacted.push({ file, bytesBefore, bytesAfter: (await stat(file)).size });
    }
    return compacted;
  } finally {
    await held.release();
  }
}

async function compactFile(directory: DataDirectory, name: typeof logFile | typeof stateFile): Promise<void> {
  const file = join(directory.path, name);
  const copy = `${file}.compacted`;
  await rm(copy, { force: true });
  const environment = await openClaimedFile(directory, name);
  try {
    await environment.db.backup(copy, true);
    await fillMetaPages(copy);
  } catch (error) {
    await rm(copy, { force: true });
    throw failed(`${file} could not be copied: ${error instanceof Error ? error.message : String(error)}`, error);
  } finally {
    await environment.close();
  }
  try {
    const handle = await open(copy, 'r+');
    await handle.sync().finally(() => handle.close());
    await assertSound(copy, failed);
    if (recordsIn(copy) !== recordsIn(file)) throw failed(`${copy} is not a copy of ${file}`);
  } catch (error) {
    await rm(copy, { force: true });
    throw error;
  }
  await rename(copy, file);
  // It knows of readers of the file that was there.
  await rm(`${file}-lock`, { force: true });
  await syncDirectory(directory.path);
}

/**
 * A copy has one meta page that counts, and none to fall back on if that is damaged: the next two transactions write both. They write what
 * is there already.
 */
async function fillMetaPages(file: string): Promise<void> {
  const db = openDatabase(file, (await stat(file)).size + 2 ** 20);
  try {
    const value = db.getBinary(incarnationKey);
    for (let i = 0; i < 2; i++) if (value !== undefined) await db.put(incarnationKey, Buffer.from(value));
  } finally {
    await db.close();
    await rm(`${file}-lock`, { force: true });
  }
}

function recordsIn(file: string): number {
  const pages = new PageFile(file);
  try {
    return pages.meta.records.records;
  } finally {
    pages.close();
  }
}

function failed(message: string, cause?: unknown): StorageError {
  return new StorageError('storage_failed', message, 'Nothing was changed. Make room on the disk, or check it, and try again.', { cause });
}
