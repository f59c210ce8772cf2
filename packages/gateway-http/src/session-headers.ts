import type { IncomingHttpHeaders } from 'node:http';
import type { SessionStamp } from '@flotilla/state-machine';
import { badRequest } from './http-error.ts';

/** The headers that say which command of which session this is: all of them, or none. */
export const stampHeaders = { session: 'flotilla-session', sequence: 'flotilla-sequence', acknowledged: 'flotilla-acknowledged' } as const;

const expected = `Send ${Object.values(stampHeaders).join(', ')}, each a whole number, or none of them.`;

/** The stamp in the headers of a request, or null. Throws a 400 `invalid_header` for a part of one. */
export function stampOf(headers: IncomingHttpHeaders): SessionStamp | null {
  const names = Object.values(stampHeaders);
  const missing = names.filter((name) => headers[name] === undefined);
  if (missing.length === names.length) return null;
  if (missing.length > 0) throw badRequest('invalid_header', `the stamp of the command lacks ${missing.join(' and ')}`, expected);
  return {
    session: numberIn(headers, stampHeaders.session, 1),
    sequence: numberIn(headers, stampHeaders.sequence, 1),
    acknowledged: numberIn(headers, stampHeaders.acknowledged, 0),
  };
}

function numberIn(headers: IncomingHttpHeaders, name: string, min: number): number {
  const text = String(headers[name]);
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw badRequest('invalid_header', `"${text.slice(0, 32)}" is no value for ${name}: it is a whole number from ${min} on`, expected);
}
