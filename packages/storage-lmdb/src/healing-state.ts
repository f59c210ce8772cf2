import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isStorageError } from '@flotilla/storage';
import { syncDirectory, writeFileDurablySync } from '@flotilla/storage/files';
import { type FileOptions, openClaimedFile } from './claimed-file.ts';
import { type DataDirectory, sizeOf, stateFile } from './data-directory.ts';
import type { Environment } from './environment.ts';
import { unusable } from './identity.ts';

/** Says what was found damaged in the `state.mdb` beside it: the next opening sets that one aside. */
export const stateMarkFile = `${stateFile}.mark`;

/** Characters of a mark: what was damaged, in one line. */
const markCharactersMax = 1_000;

/** Marks the `state.mdb` of a directory as damaged, durably. Throws what the file system says. */
export function markStateDamaged(directory: string, what: string): void {
  writeFileDurablySync(join(directory, stateMarkFile), `${what.slice(0, markCharactersMax)}\n`);
}

/** What the `state.mdb` of a directory was marked with; null where it was not. */
export async function findStateMark(directory: string): Promise<string | null> {
  const file = join(directory, stateMarkFile);
  try {
    const what = (await readFile(file, 'utf8')).trim();
    return what === '' ? `${join(directory, stateFile)} is marked as damaged` : what.slice(0, markCharactersMax);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw unusable(`${file} is unreadable: ${error instanceof Error ? error.message : String(error)}`, 'Check its permissions.', error);
  }
}

export interface HealedState {
  readonly environment: Environment;
  /** What somebody should know about it; null for a state that is as it was. */
  readonly warning: string | null;
}

/**
 * Opens `state.mdb`. All that is in it is derived, so that any damage heals: one that is marked, or turns out to be damaged, is set aside
 * and begins anew, for the snapshot and the log to rebuild. Throws `data_directory_unusable`.
 */
export async function openHealingState(directory: DataDirectory, options: FileOptions): Promise<HealedState> {
  const file = join(directory.path, stateFile);
  const open = async (warning: string | null) => ({ environment: await openClaimedFile(directory, stateFile, options), warning });
  let damage = await findStateMark(directory.path);
  if (damage === null) {
    const isMissing = !directory.isNew && !(await sizeOf(file));
    try {
      // That may take a while, and events that are behind the log's beginning are gone.
      return await open(isMissing ? `${file} is missing or empty: ${rebuilt}` : null);
    } catch (error) {
      if (!isStorageError(error, 'state_corrupted')) throw error;
      damage = error.message;
    }
  }
  const aside = await setStateAside(directory.path);
  const kept = aside === null ? '' : `; what was there is in ${aside} until that happens again`;
  return open(`${damage}; ${rebuilt}${kept}`);
}

const rebuilt = 'it begins anew, and the snapshot and the log rebuild the state';

/** Moves the file away, and then removes its mark: a crash in between does it again. Resolves with its new name; null without a file. */
async function setStateAside(directory: string): Promise<string | null> {
  const file = join(directory, stateFile);
  const aside = `${file}.damaged`;
  const exists = (await sizeOf(file)) !== undefined;
  if (exists) await rename(file, aside);
  // It knows of readers of the file that was there.
  await rm(`${file}-lock`, { force: true });
  await syncDirectory(directory);
  await rm(join(directory, stateMarkFile), { force: true });
  await syncDirectory(directory);
  return exists ? aside : null;
}
