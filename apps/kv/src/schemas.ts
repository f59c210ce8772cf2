import { isWellFormed, utf8Length } from '@flotilla/state-machine';
import { z } from 'zod';
import { keyBytesMax, listBytesMax, listLimitDefault, listLimitMax, valueBytesMax } from './limits.ts';

const text = z.string().refine(isWellFormed, 'expected text that UTF-8 can carry');

export const key = text
  .min(1, 'expected at least one character')
  .refine((key) => utf8Length(key) <= keyBytesMax, `expected at most ${keyBytesMax} bytes of UTF-8`);

/** Bytes; for callers that speak JSON also a string (its UTF-8) or `{ "base64": "…" }`. */
const bytes = z.union([
  z.instanceof(Uint8Array),
  z.string().transform((value) => new TextEncoder().encode(value)),
  z.strictObject({ base64: z.base64() }).transform(({ base64 }) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))),
]);

export const value = bytes.refine(({ length }) => length <= valueBytesMax, `expected at most ${valueBytesMax} bytes`);

/** The revision that the key must have now; 0 means that it must not exist. */
export const expectedRevision = z.int().min(0).optional();

export const listing = z.strictObject({
  prefix: text.default(''),
  /** Only keys after this one: the `next` of the page before. */
  after: text.optional(),
  limit: z.int().min(1).max(listLimitMax).default(listLimitDefault),
  bytesMax: z.int().min(1).max(listBytesMax).default(listBytesMax),
});
