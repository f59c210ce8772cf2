import { HistoryError } from './history-error.ts';

const bytesName = 'base64';
/** The name that marks bytes, or one that would be mistaken for it. */
const escaped = /^\$*base64$/;

/**
 * A value as JSON that gives it back exactly: bytes become `{ "base64": "…" }`. An object whose only name would be mistaken for
 * that gets a `$` in front of it. Throws `history_value_unsupported` for what JSON and bytes do not cover.
 */
export function toJsonValue(value: unknown): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (value instanceof Uint8Array) return { [bytesName]: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  if (Array.isArray(value)) return value.map(toJsonValue);
  if (!isPlainObject(value)) throw unsupported(value);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([name, each]) => [isMarked(entries.length, name) ? `$${name}` : name, toJsonValue(each)]));
}

/** The value that {@link toJsonValue} wrote. Throws `history_value_unsupported` for bytes that are not base64. */
export function fromJsonValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJsonValue);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === bytesName) return bytesOf(first[1]);
  return Object.fromEntries(entries.map(([name, each]) => [isMarked(entries.length, name) ? name.slice(1) : name, fromJsonValue(each)]));
}

/** Primitive and equal for equal values, different for different ones. Nothing (undefined) is as null. */
export type ValueIdentity = string | number | boolean | null;

/** No text of a client begins with it, or else it is treated as an object is. */
const objectMark = '\u0000';

export function valueIdentity(value: unknown): ValueIdentity {
  if (typeof value === 'string') return value.startsWith(objectMark) ? objectMark + JSON.stringify(value) : value;
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (value === undefined) return null;
  return objectMark + JSON.stringify(inOrder(toJsonValue(value)));
}

/** What a {@link ValueIdentity} stands for, for people. */
export function describeIdentity(identity: ValueIdentity): string {
  return typeof identity === 'string' && identity.startsWith(objectMark) ? identity.slice(objectMark.length) : JSON.stringify(identity);
}

/** Objects are equal whatever the order of their names. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, inOrder(each)]));
}

function isMarked(names: number, name: string): boolean {
  return names === 1 && escaped.test(name);
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function bytesOf(text: unknown): Uint8Array {
  if (typeof text === 'string') {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.toString('base64') === text) return new Uint8Array(bytes);
  }
  throw new HistoryError('history_value_unsupported', `${JSON.stringify(text)} is not base64`, 'Bytes are { "base64": "…" } with padding.');
}

function unsupported(value: unknown): HistoryError {
  const what = typeof value === 'object' ? 'an object of a class' : typeof value === 'number' ? String(value) : `a ${typeof value}`;
  return new HistoryError(
    'history_value_unsupported',
    `a history cannot hold ${what}`,
    'Use null, booleans, finite numbers, text, bytes, and arrays and plain objects of these.',
  );
}
