import { join } from 'node:path';
import type { JournalRetention, LogStore } from '@flotilla/storage';
import { type DataDirectory, logFile, openDataDirectory, stateFile } from './data-directory.ts';
import { Environment, openDatabase } from './environment.ts';
import { type Identity, unusable } from './identity.ts';
import { incarnationKey } from './keys.ts';
import { LmdbLogStore } from './lmdb-log-store.ts';
import { LmdbStateStore } from './lmdb-state-store.ts';

export interface LmdbStorageOptions {
  /** Created where it is absent. Not on a network file system: LMDB needs shared memory maps. */
  readonly directory: string;
  readonly identity: Identity;
  /** What the event journal keeps; everything where absent. */
  readonly retention?: JournalRetention;
  /** Address space for each of the two files, in bytes; default 16 GiB. It costs neither memory nor disk. */
  readonly mapSizeBytes?: number;
  /** Writes are refused once the file system has less room than this, in bytes; default 64 MiB. */
  readonly freeBytesMin?: number;
  /** How long derived state may wait in memory for its transaction, in milliseconds; default 20. */
  readonly flushDelayMs?: number;
}

/** A host's storage: two stores in one directory, which belongs to this process until `close`. */
export interface LmdbStorage {
  readonly logStore: LogStore;
  readonly stateStore: LmdbStateStore;
  /** Closes both stores, and lets other processes have the directory. */
  close(): Promise<void>;
}

/** Derived state waits for the disk once this much of it is in memory. */
const unflushedBytesMax = 16 * 2 ** 20;

/**
 * Opens a host's storage, creating it at the first start.
 *
 * Throws `data_directory_in_use`, `data_directory_of_another_member`, `data_directory_of_another_cluster` or
 * `data_directory_unusable`; each says in its hint what to do.
 */
export async function openLmdbStorage(options: LmdbStorageOptions): Promise<LmdbStorage> {
  const directory = await openDataDirectory(options.directory, options.identity);
  const opened: Environment[] = [];
  try {
    const log = await openEnvironment(directory, logFile, options);
    opened.push(log);
    const state = await openEnvironment(directory, stateFile, options);
    opened.push(state);
    await claim(
      log,
      directory,
      'Put the file back that belongs here. Do not start this member with an empty directory instead: it may have acknowledged what only its log held.',
    );
    await claim(state, directory, `Remove ${state.file}: the log replays it when the member starts again.`);
    if (directory.isNew) await directory.complete();
    return assemble(directory, log, state, options);
  } catch (error) {
    await Promise.allSettled(opened.map((environment) => environment.close()));
    await directory.release();
    throw error;
  }
}

function assemble(directory: DataDirectory, log: Environment, state: Environment, options: LmdbStorageOptions): LmdbStorage {
  const logStore = new LmdbLogStore(log);
  const { retention = {}, flushDelayMs = 20 } = options;
  const stateStore = new LmdbStateStore(state, { retention, flushDelayMs, unflushedBytesMax });
  let closing: Promise<void> | null = null;
  const close = async () => {
    await Promise.allSettled([logStore.close(), stateStore.close()]);
    await directory.release();
  };
  return {
    logStore,
    stateStore,
    close() {
      closing ??= close();
      return closing;
    },
  };
}

async function openEnvironment({ path }: DataDirectory, name: string, options: LmdbStorageOptions): Promise<Environment> {
  const file = join(path, name);
  const { mapSizeBytes = 16 * 2 ** 30, freeBytesMin = 64 * 2 ** 20 } = options;
  try {
    return new Environment(openDatabase(file, mapSizeBytes), file, freeBytesMin);
  } catch (error) {
    throw unusable(
      `${file} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
      'Check the permissions of the file and the limits on address space; if it is damaged, remove this member and add it anew.',
      error,
    );
  }
}

/**
 * Makes sure that a file belongs to its directory. A file from elsewhere, or a new one in the place of a lost one, holds
 * another incarnation or none, and things besides it.
 */
async function claim(environment: Environment, { incarnation, isNew }: DataDirectory, hint: string): Promise<void> {
  const { db, file } = environment;
  const found = db.getBinary(incarnationKey);
  if (found && Buffer.from(found).toString() === incarnation) return;
  const isEmpty = db.getKeysCount({ limit: 1 }) === 0;
  const mayCreate = isNew || file.endsWith(stateFile);
  if (found || !isEmpty || !mayCreate) throw unusable(`${file} does not belong to the identity.json beside it`, hint);
  const value = Buffer.from(incarnation);
  await environment.commit(value.length, () => void db.put(incarnationKey, value));
}
