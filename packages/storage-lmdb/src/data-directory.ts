import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, realpath, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createDirectory, syncDirectory } from '@flotilla/storage/files';
import { lockDirectory } from './directory-lock.ts';
import {
  assertSameIdentity,
  clusterParts,
  directoryFormat,
  findIdentity,
  type Identity,
  rolledBack,
  type StoredIdentity,
  unusable,
  writeIdentity,
} from './identity.ts';
import { IdentityFile } from './identity-file.ts';

export const logFile = 'log.mdb';
export const stateFile = 'state.mdb';
export const peersFile = 'peers.json';

/** A directory that this process alone may use, and that belongs to the member it is. */
export interface DataDirectory {
  readonly path: string;
  /** As it was found, or begun. */
  readonly identity: StoredIdentity;
  readonly identityFile: IdentityFile;
  /** Whether its files are about to be created. */
  readonly isNew: boolean;
  /** Says that its files are there for good, and of which generation. To be called once they are. */
  complete(generation: number): Promise<void>;
  /** Lets other processes have it. */
  release(): Promise<void>;
}

export interface DirectoryOptions {
  /** Also takes a directory that others refuse as an older copy of itself: for who leaves those others for good. */
  readonly evenRolledBack?: boolean;
}

/**
 * Takes possession of a data directory, creating it where it is absent.
 *
 * Throws `data_directory_in_use`, `data_directory_of_another_member`, `data_directory_of_another_cluster`, or
 * `data_directory_unusable` for one that is none, cannot be written, has lost a part of itself, or is an older copy. A member that went on
 * without its log would have forgotten whom it voted for, and could elect two leaders in one term.
 */
export async function openDataDirectory(directory: string, identity: Identity, options: DirectoryOptions = {}): Promise<DataDirectory> {
  const path = await accessibleDirectory(directory);
  const lock = await lockDirectory(path);
  try {
    const found = await findIdentity(path);
    if (found) assertSameIdentity(path, found, identity);
    if (found?.rolledBack && !options.evenRolledBack) throw rolledBack(path, found.rolledBack);
    await assertComplete(path, found);
    const stored = found?.initialized ? found : await begin(path, identity);
    const identityFile = new IdentityFile(path, stored);
    return {
      path,
      identity: stored,
      identityFile,
      isNew: !stored.initialized,
      async complete(generation) {
        await syncDirectory(path);
        await identityFile.change({ initialized: true, generation });
      },
      release: lock.release,
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function accessibleDirectory(directory: string): Promise<string> {
  const hint = 'Name a directory that the user of this process may read and write, or one that does not exist yet.';
  try {
    await createDirectory(directory);
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    return await realpath(directory);
  } catch (error) {
    throw unusable(
      `${directory} cannot be used as a data directory: ${error instanceof Error ? error.message : String(error)}`,
      hint,
      error,
    );
  }
}

async function assertComplete(path: string, identity: StoredIdentity | undefined): Promise<void> {
  const hint =
    'Put the file back, if it was moved. Otherwise remove this member from its group, and add it anew under another number with an empty directory: under this one it may have acknowledged what only its log held.';
  if (!identity) {
    for (const name of [logFile, stateFile]) {
      if ((await sizeOf(join(path, name))) !== undefined) throw unusable(`${path} has ${name} but no identity.json`, hint);
    }
  } else if (identity.initialized && !(await sizeOf(join(path, logFile)))) {
    throw unusable(`${join(path, logFile)} is missing or empty, but identity.json says that this member has a log`, hint);
  }
}

/** Announces a new directory before its log is there, so that a crash in between is not taken for a loss. */
async function begin(path: string, { clusterId, memberId, app }: Identity): Promise<StoredIdentity> {
  const stored: StoredIdentity = {
    format: directoryFormat,
    ...clusterParts(clusterId),
    memberId,
    app: app ?? null,
    incarnation: randomUUID(),
    createdAt: new Date().toISOString(),
    generation: 0,
    highestTerm: 0,
    rolledBack: null,
    initialized: false,
  };
  await writeIdentity(path, stored);
  // Leftovers of a first start that did not get to its end, so that nobody was told anything.
  for (const name of [logFile, stateFile]) {
    for (const file of [name, `${name}-lock`]) await rm(join(path, file), { force: true });
  }
  await rm(join(path, peersFile), { force: true });
  return stored;
}

/** The bytes of a file, or undefined where there is none. Throws `data_directory_unusable` where nobody can tell. */
export async function sizeOf(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(
      `${file} cannot be looked at: ${(error as Error).message}`,
      'Check the permissions of the directory and the disk.',
      error,
    );
  }
}
