/**
 * What the codec adds to MessagePack: extension types of Flotilla, and the timestamp that the specification reserves.
 * The body of a map is its keys and values in turn, of a set its values, of a bigint a sign byte (1 for negative) and the
 * magnitude, big-endian.
 */
export const extension = { undefined: 0, map: 1, set: 2, bigint: 3, timestamp: -1 } as const;

/** How deep arrays, objects, maps and sets may nest. Bounds the recursion of reader and writer alike. */
export const depthMax = 128;

/** The size of the largest bigint, in bytes: engines differ in what they can hold. */
export const bigintBytesMax = 65_536;

/** Keys that would change an object's prototype rather than one of its own properties. */
export function isForbiddenKey(key: string): boolean {
  return key === '__proto__';
}

/** Whether `value` is an object that `{}` could have made: other classes would lose their meaning on the way. */
export function isPlainObject(value: object): value is Record<string, unknown> {
  const prototype = Object.getPrototypeOf(value);
  // By shape, not by identity: an object of another realm (a worker's or a test runner's context) is as plain.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Names what cannot be carried, for an error message. */
export function describeUnsupported(value: unknown): string {
  if (typeof value === 'object' && value !== null) return `an instance of ${value.constructor?.name ?? 'an unknown class'}`;
  return `a ${typeof value}`;
}

/** What the writer and the copier throw; the functions of the codec turn it into a `MachineError` that fits the caller. */
export class Unencodable extends Error {}
