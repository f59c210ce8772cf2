import { usageError } from './usage-error.ts';

/** Reads a whole number of at least `least`. Throws a usage error that names the flag. */
export function wholeNumber(flag: string, text: string, least = 0): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
  throw usageError(`${flag} ${text} is not a whole number of at least ${least}`, 'Write digits only.');
}
