import { join } from 'node:path';
import type { StorageError } from '@flotilla/storage';
import { type DataDirectory, logFile, sizeOf, stateFile } from './data-directory.ts';
import { Environment, openDatabase, type WriteBudget } from './environment.ts';
import { unusable } from './identity.ts';
import { decodeState } from './journal-record.ts';
import { groupKey, incarnationKey } from './keys.ts';
import { assertSound } from './sound-file.ts';
import { stateCorrupted } from './state-damage.ts';
import { storedGroups } from './stored-groups.ts';

export interface FileOptions {
  /** Address space in bytes; default 16 GiB. */
  readonly mapSizeBytes?: number;
  /** Default: as much as the disk takes. */
  readonly budget?: WriteBudget;
  /** See `EnvironmentOptions`. */
  readonly onDamage?: (error: StorageError) => void;
}

/**
 * Opens one of the LMDB files of a directory, and makes sure that it belongs there. Throws `state_corrupted` for a `state.mdb` that is
 * damaged or does not belong there, and `data_directory_unusable` for anything else.
 *
 * A file from elsewhere, or a new one in the place of a lost one, holds another incarnation or none, and things besides it.
 */
export async function openClaimedFile(
  directory: DataDirectory,
  name: typeof logFile | typeof stateFile,
  options: FileOptions = {},
): Promise<Environment> {
  const file = join(directory.path, name);
  const isState = name === stateFile;
  if (await sizeOf(file)) await assertSound(file, isState ? stateCorrupted : cannotHeal);
  const environment = openEnvironment(file, options);
  try {
    await claim(environment, directory, name);
    if (isState) assertStates(environment);
    return environment;
  } catch (error) {
    await environment.close();
    throw error;
  }
}

const noLimit: WriteBudget = { take() {} };

function cannotHeal(message: string, cause: unknown): StorageError {
  return unusable(
    message,
    'The member cannot heal from this by itself: remove it from its group, and add it afresh with an empty directory, under a new number. See docs/operations.md.',
    cause,
  );
}

/** What a member reads of each of its groups before it does anything else. */
function assertStates({ db, file }: Environment): void {
  for (const group of storedGroups(db)) {
    const record = db.getBinary(groupKey(group));
    if (record !== undefined && !decodeState(group, record))
      throw stateCorrupted(`${file} is damaged: the applied index of group ${group} is not what was written`);
  }
}

function openEnvironment(file: string, { mapSizeBytes = 16 * 2 ** 30, budget = noLimit, onDamage }: FileOptions): Environment {
  try {
    return new Environment(openDatabase(file, mapSizeBytes), file, { budget, onDamage });
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
    const message = `${file} does not belong to the identity.json beside it`;
    if (!isLog) throw stateCorrupted(message);
    throw unusable(
      message,
      'Put the file back that belongs here. Do not start this member with an empty directory instead: it may have acknowledged what only its log held.',
    );
  }
  const value = Buffer.from(identity.incarnation);
  await environment.commit(value.length, () => void db.put(incarnationKey, value));
}
