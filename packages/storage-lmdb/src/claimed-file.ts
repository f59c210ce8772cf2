import { join } from 'node:path';
import { type DataDirectory, logFile, sizeOf, stateFile } from './data-directory.ts';
import { Environment, openDatabase, type WriteBudget } from './environment.ts';
import { unusable } from './identity.ts';
import { incarnationKey } from './keys.ts';
import { assertSound } from './sound-file.ts';

export interface FileOptions {
  /** Address space in bytes; default 16 GiB. */
  readonly mapSizeBytes?: number;
  /** Default: as much as the disk takes. */
  readonly budget?: WriteBudget;
}

/**
 * Opens one of the LMDB files of a directory, and makes sure that it belongs there. Throws `data_directory_unusable`.
 *
 * A file from elsewhere, or a new one in the place of a lost one, holds another incarnation or none, and things besides it.
 */
export async function openClaimedFile(
  directory: DataDirectory,
  name: typeof logFile | typeof stateFile,
  options: FileOptions = {},
): Promise<Environment> {
  const file = join(directory.path, name);
  if (await sizeOf(file)) await assertSound(file, wayOut[name]);
  const environment = openEnvironment(file, options);
  try {
    await claim(environment, directory, name);
    return environment;
  } catch (error) {
    await environment.close();
    throw error;
  }
}

const noLimit: WriteBudget = { take() {} };

const wayOut = {
  [logFile]:
    'The member cannot heal from this by itself: remove it from its group, and add it afresh with an empty directory, under a new number. See docs/operations.md.',
  [stateFile]: 'Remove this file while the member is stopped: the snapshot and the log rebuild it when the member starts.',
} as const;

function openEnvironment(file: string, { mapSizeBytes = 16 * 2 ** 30, budget = noLimit }: FileOptions): Environment {
  try {
    return new Environment(openDatabase(file, mapSizeBytes), file, budget);
  } catch (error) {
    throw unusable(
      `${file} cannot be opened: ${error instanceof Error ? error.message : String(error)}`,
      'Check the permissions of the file and the limits on address space.',
      error,
    );
  }
}

async function claim(environment: Environment, { identity, isNew }: DataDirectory, name: string): Promise<void> {
  const { db, file } = environment;
  const found = db.getBinary(incarnationKey);
  if (found && Buffer.from(found).toString() === identity.incarnation) return;
  const isEmpty = db.getKeysCount({ limit: 1 }) === 0;
  const isLog = name === logFile;
  if (found || !isEmpty || !(isNew || !isLog)) {
    throw unusable(
      `${file} does not belong to the identity.json beside it`,
      isLog
        ? 'Put the file back that belongs here. Do not start this member with an empty directory instead: it may have acknowledged what only its log held.'
        : `Remove ${file}: the log replays it when the member starts again.`,
    );
  }
  const value = Buffer.from(identity.incarnation);
  await environment.commit(value.length, () => void db.put(incarnationKey, value));
}
