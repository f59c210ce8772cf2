import { FlotillaError } from '@flotilla/core';

/**
 * `repro_not_json`: it is no JSON. `repro_foreign`: it is JSON, but no repro file. `repro_version`: another release wrote it, and
 * this one cannot run it. `repro_malformed`: a field of it is not what it should be. `repro_machine`: it is of another machine.
 */
export type ReproErrorCode = 'repro_not_json' | 'repro_foreign' | 'repro_version' | 'repro_malformed' | 'repro_machine';

export function reproError(code: ReproErrorCode, message: string, hint: string, cause?: unknown): FlotillaError {
  return new FlotillaError(code, message, hint, { cause });
}

/** The value at `path` is not what it should be. */
export function malformed(path: string, value: unknown, expected: string): FlotillaError {
  const found = value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value));
  const shown = found.length > 60 ? `${found.slice(0, 60)}…` : found;
  return reproError(
    'repro_malformed',
    `${path} is ${shown}, and should be ${expected}`,
    'Give the file as the simulator wrote it, or correct that field.',
  );
}
