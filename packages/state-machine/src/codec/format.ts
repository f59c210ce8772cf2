/**
 * What the codec adds to MessagePack: extension types of Flotilla, and the timestamp that the specification reserves.
 * The body of a map is its keys and values in turn, of a set its values, of a bigint a sign byte (1 for negative) and the
 * magnitude, big-endian.
 */
export const extension = { undefined: 0, map: 1, set: 2, bigint: 3, timestamp: -1 } as const;

/** How deep arrays, objects, maps and sets may nest. Bounds the recursion of reader and writer alike. */
export const depthMax = 128;

/**
 * How deep the input of a command or query may nest. Half of what can be written at all: a machine puts it into events, timers and its
 * state, and there it is a part of something larger.
 */
export const inputDepthMax = 64;

/**
 * How many items the input of a command or query may have: elements of arrays and sets, pairs of maps, and properties of objects, all
 * together. Every member handles each of them while the log waits, and a megabyte has room for a million.
 */
export const inputItemsMax = 250_000;

/** How much a value may take that is to be written. */
export interface EncodingLimits {
  /** How many levels it may nest. */
  readonly depthMax: number;
  /** How many items it may have, counted as for {@link inputItemsMax}. */
  readonly itemsMax: number;
  /** How many bytes it may take. */
  readonly bytesMax: number;
}

/** What the codec can carry at all. */
export const codecLimits: EncodingLimits = { depthMax, itemsMax: Number.POSITIVE_INFINITY, bytesMax: Number.POSITIVE_INFINITY };

/** What reaches the log: how long that may be is for whoever has the log to say. */
export const inputLimits: EncodingLimits = { depthMax: inputDepthMax, itemsMax: inputItemsMax, bytesMax: Number.POSITIVE_INFINITY };

/**
 * What one command may cause: its events together, its reply, and what it asks for. Journals, snapshots and the frames of clients wrap
 * it in a few more levels.
 */
export const outcomeLimits: EncodingLimits = {
  depthMax: depthMax - 16,
  itemsMax: Number.POSITIVE_INFINITY,
  bytesMax: 16 * 1024 * 1024,
};

/** The size of the largest bigint, in bytes: engines differ in what they can hold. */
export const bigintBytesMax = 65_536;
const bigintEnd = 1n << BigInt(8 * bigintBytesMax);

/** Throws `Unencodable` for a bigint that is larger than any that is carried. */
export function checkBigint(value: bigint): void {
  if (value >= bigintEnd || value <= -bigintEnd) throw new Unencodable(`a bigint takes more than ${bigintBytesMax} bytes`);
}

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
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  const name: unknown = value.constructor?.name;
  return `an instance of ${typeof name === 'string' ? name : 'an unknown class'}`;
}

/** What the writer and the copier throw; the functions of the codec turn it into a `MachineError` that fits the caller. */
export class Unencodable extends Error {}
