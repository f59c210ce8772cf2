import { FlotillaError } from '@flotilla/core';

/** The command line or a configuration says something that cannot be done. */
export function usageError(message: string, hint: string): FlotillaError {
  return new FlotillaError('usage', message, hint);
}
