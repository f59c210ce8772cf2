import type { GroupId } from '@flotilla/core';
import { StorageError } from '@flotilla/storage';
import type { RecordSource } from './environment.ts';

const wayOut =
  'Start the member again: it sets the file aside, and rebuilds the state from the newest snapshot and the log. Have a look at the disk.';

/** What LMDB says of pages that are not what it wrote (`MDB_CORRUPTED`, `MDB_PAGE_NOTFOUND`, `MDB_INVALID`). */
const damageCodes: ReadonlySet<unknown> = new Set([-30796, -30797, -30793]);

/** A `state_corrupted` about a state file: all that is in it is derived, so that it heals at the next start. */
export function stateCorrupted(message: string, cause?: unknown): StorageError {
  return new StorageError('state_corrupted', message, wayOut, { cause });
}

/** What to throw for a record that is not what was written, after `source` was told. */
export function stateDamaged(group: GroupId, what: string, source: RecordSource, cause?: unknown): StorageError {
  const error = stateCorrupted(`group ${group}: ${what} in ${source.file} is damaged`, cause);
  source.damaged(error);
  return error;
}

/** What to throw for a read that failed. Only what is damaged for certain is taken for it: the event journal goes with the file. */
export function readFailure(group: GroupId, what: string, source: RecordSource, cause: unknown): StorageError {
  if (cause instanceof RangeError || damageCodes.has((cause as { readonly code?: unknown } | null)?.code))
    return stateDamaged(group, what, source, cause);
  return new StorageError(
    'storage_failed',
    `group ${group}: ${what} in ${source.file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    'Stop this process, check the disk and the limits of the system, and start it again.',
    { cause },
  );
}
