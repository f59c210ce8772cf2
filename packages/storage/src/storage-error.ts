import { FlotillaError } from '@flotilla/core';

export type StorageErrorCode =
  | 'storage_failed'
  | 'storage_closed'
  | 'log_gap'
  | 'log_out_of_range'
  | 'log_corrupted'
  | 'state_corrupted'
  | 'view_closed'
  | 'journal_compacted'
  | 'archive_corrupted'
  | 'archive_unusable'
  | 'data_directory_in_use'
  | 'data_directory_of_another_member'
  | 'data_directory_of_another_cluster'
  | 'data_directory_unusable'
  | 'recovery_refused';

/** An error of a log or state store, told apart by its `code`. */
export class StorageError extends FlotillaError {
  declare readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, hint: string, options?: { readonly cause?: unknown }) {
    super(code, message, hint, options);
    this.name = 'StorageError';
  }
}

/** Whether `error` is a {@link StorageError}, and if `code` is given, one with that code. */
export function isStorageError(error: unknown, code?: StorageErrorCode): error is StorageError {
  return error instanceof StorageError && (code === undefined || error.code === code);
}

export function viewClosed(): StorageError {
  return new StorageError(
    'view_closed',
    'the view of the state is closed',
    'Open another one; whatever takes long reads in smaller steps.',
  );
}
