import { FlotillaError } from '@flotilla/core';

export type HistoryErrorCode =
  | 'history_malformed'
  | 'history_line_too_long'
  | 'history_value_unsupported'
  | 'history_without_invoke'
  | 'history_completed_twice'
  | 'history_process_busy'
  | 'history_process_reused'
  | 'history_time_backwards'
  | 'history_order'
  | 'history_full'
  | 'history_call_unknown'
  | 'history_applied_early';

/** A history that cannot be one, or that does not fit what it is checked against; told apart by its `code`. */
export class HistoryError extends FlotillaError {
  declare readonly code: HistoryErrorCode;
  /** The line of the file, counted from 1; null where the history did not come from one. */
  readonly line: number | null;

  constructor(code: HistoryErrorCode, message: string, hint: string, options?: { readonly cause?: unknown; readonly line?: number }) {
    super(code, options?.line === undefined ? message : `line ${options.line}: ${message}`, hint, options);
    this.name = 'HistoryError';
    this.line = options?.line ?? null;
  }
}

/** Whether `error` is a {@link HistoryError}, and if `code` is given, one with that code. */
export function isHistoryError(error: unknown, code?: HistoryErrorCode): error is HistoryError {
  return error instanceof HistoryError && (code === undefined || error.code === code);
}
