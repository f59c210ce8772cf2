import { readUtf8 } from '@flotilla/state-machine';

/** How bytes are shown in JSON. */
export type JsonBytes = string | { readonly base64: string };

/**
 * The one rule for bytes in JSON: text where they are valid UTF-8, otherwise `{ "base64": "…" }`. It is for reading: whoever
 * must get the bytes back exactly asks for application/msgpack.
 */
export function jsonBytes(bytes: Uint8Array): JsonBytes {
  return readUtf8(bytes, 0, bytes.length) ?? { base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') };
}

/**
 * A value of a machine as JSON shows it: bytes by {@link jsonBytes}, a bigint as a decimal string, a date as ISO 8601, a set
 * as an array, a map as an array of pairs, and undefined as null.
 */
export function jsonValue(value: unknown): unknown {
  if (value === undefined) return null;
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return jsonBytes(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Map) return Array.from(value, ([key, item]) => [jsonValue(key), jsonValue(item)]);
  if (value instanceof Set) return Array.from(value, jsonValue);
  if (Array.isArray(value)) return value.map(jsonValue);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonValue(item)]));
}
