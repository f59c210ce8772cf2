import { usageError } from './usage-error.ts';

/** Reads the number of a member. Throws a usage error. */
export function parseMember(text: string): number {
  const member = Number(text);
  if (/^\d{1,10}$/.test(text) && member >= 1 && member <= 0xffff_ffff) return member;
  throw usageError(`"${text}" is not a member number`, 'Use a whole number from 1 to 4294967295.');
}
