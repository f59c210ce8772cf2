import { FlotillaError } from '@flotilla/core';

/**
 * `recording_foreign`: it is no recording. `recording_version`: another release wrote it, and this one cannot play it.
 * `recording_damaged`: some of it is not as it was written. `recording_line_too_long`: one line has more than the limit.
 * `recording_files_missing`: nobody said where recordings go.
 */
export type RecordingErrorCode =
  | 'recording_foreign'
  | 'recording_version'
  | 'recording_damaged'
  | 'recording_line_too_long'
  | 'recording_files_missing';

export function recordingError(code: RecordingErrorCode, message: string, hint: string, cause?: unknown): FlotillaError {
  return new FlotillaError(code, message, hint, { cause });
}
