import { readUtf8, utf8Length, writeUtf8 } from '../codec/utf8.ts';
import { MachineError } from '../machine-error.ts';
import { stateKeyBytesMax } from './state-space.ts';

/** A part of a key: a string that UTF-8 can carry, or a safe integer. */
export type KeyPart = string | number;

/** A key of a table: one part, or several in the order of their weight. */
export type TableKey = KeyPart | readonly KeyPart[];

/*
 * Keys as bytes that have the order of the keys: numbers by size, then strings by their UTF-8, which is by code points, then tuples
 * part by part.
 *
 *   01 number (7)                       a number: 2^53 more than it is, big endian
 *   02 UTF-8                            a string
 *   03 { 01 number | 02 UTF-8 00 }*     a tuple; 00 in a string is written 00 ff, so that a string sorts before those it begins
 */
const numberTag = 1;
const stringTag = 2;
const tupleTag = 3;
const numberBytes = 7;

/** The bytes of a key behind `prefix`. Throws `machine_defect` for what is no key, or one that is too long. */
export function encodeKey(prefix: Uint8Array, key: TableKey): Uint8Array {
  const tuple = typeof key === 'object' ? key : null;
  const parts = tuple ?? [key as KeyPart];
  let length = prefix.length + (tuple ? 1 : 0);
  for (const part of parts) length += partLength(part, tuple !== null);
  if (length > stateKeyBytesMax) throw badKey(`a key of ${length} bytes is too long: ${stateKeyBytesMax} bytes are the most`);
  const bytes = new Uint8Array(length);
  bytes.set(prefix);
  let at = prefix.length;
  if (tuple) bytes[at++] = tupleTag;
  for (const part of parts) at = writePart(bytes, at, part, tuple !== null);
  return bytes;
}

/** The key in `bytes` from `start` on; undefined where these are no bytes of a key. */
export function decodeKey(bytes: Uint8Array, start: number): TableKey | undefined {
  const key = readKey(bytes, start);
  return Number.isNaN(key) || (Array.isArray(key) && key.some(Number.isNaN)) ? undefined : key;
}

function readKey(bytes: Uint8Array, start: number): TableKey | undefined {
  if (bytes[start] === numberTag && bytes.length === start + 1 + numberBytes) return readNumber(bytes, start + 1);
  if (bytes[start] === stringTag) return readUtf8(bytes, start + 1, bytes.length) ?? undefined;
  return bytes[start] === tupleTag ? readTuple(bytes, start + 1) : undefined;
}

function partLength(part: KeyPart, escaped: boolean): number {
  if (typeof part === 'number') {
    if (!Number.isSafeInteger(part)) throw badKey(`${part} is no safe integer`);
    return 1 + numberBytes;
  }
  const length = typeof part === 'string' ? utf8Length(part) : -1;
  if (length < 0) throw badKey(typeof part === 'string' ? 'a string contains half of a surrogate pair' : 'it is neither text nor a number');
  return escaped ? length + countZeros(part) + 2 : length + 1;
}

function countZeros(text: string): number {
  let zeros = 0;
  for (let at = text.indexOf('\0'); at >= 0; at = text.indexOf('\0', at + 1)) zeros++;
  return zeros;
}

/** Returns the position behind it. */
function writePart(bytes: Uint8Array, start: number, part: KeyPart, escaped: boolean): number {
  if (typeof part === 'number') return writeNumber(bytes, start, part);
  bytes[start] = stringTag;
  let at = start + 1;
  if (!escaped) {
    writeUtf8(part, bytes, at);
    return bytes.length;
  }
  for (const [position, piece] of part.split('\0').entries()) {
    if (position > 0) {
      bytes.set([0, 0xff], at);
      at += 2;
    }
    writeUtf8(piece, bytes, at);
    at += utf8Length(piece);
  }
  bytes[at] = 0;
  return at + 1;
}

function writeNumber(bytes: Uint8Array, start: number, value: number): number {
  const high = Math.floor(value / 2 ** 32);
  const low = value - high * 2 ** 32;
  const raised = high + 2 ** 21;
  bytes.set([numberTag, raised >>> 16, raised >>> 8, raised, low >>> 24, low >>> 16, low >>> 8, low], start);
  return start + 1 + numberBytes;
}

/** NaN for bytes that no number has. */
function readNumber(bytes: Uint8Array, at: number): number {
  const byte = (offset: number) => bytes[at + offset] as number;
  const high = byte(0) * 2 ** 16 + byte(1) * 2 ** 8 + byte(2) - 2 ** 21;
  const value = high * 2 ** 32 + byte(3) * 2 ** 24 + byte(4) * 2 ** 16 + byte(5) * 2 ** 8 + byte(6);
  return Number.isSafeInteger(value) ? value : Number.NaN;
}

function readTuple(bytes: Uint8Array, start: number): readonly KeyPart[] | undefined {
  const parts: KeyPart[] = [];
  for (let at = start; at < bytes.length; ) {
    if (bytes[at] === numberTag && at + 1 + numberBytes <= bytes.length) {
      parts.push(readNumber(bytes, at + 1));
      at += 1 + numberBytes;
      continue;
    }
    if (bytes[at] !== stringTag) return undefined;
    const end = endOfString(bytes, at + 1);
    const text = end < 0 ? null : readEscaped(bytes, at + 1, end);
    if (text === null) return undefined;
    parts.push(text);
    at = end + 1;
  }
  return parts;
}

/** Where the 00 is that ends an escaped string, or -1. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = bytes.indexOf(0, start); at >= 0; at = bytes.indexOf(0, at + 2)) if (bytes[at + 1] !== 0xff) return at;
  return -1;
}

function readEscaped(bytes: Uint8Array, start: number, end: number): string | null {
  const zero = bytes.indexOf(0, start);
  if (zero < 0 || zero >= end) return readUtf8(bytes, start, end);
  const [head, tail] = [readUtf8(bytes, start, zero), readEscaped(bytes, zero + 2, end)];
  return head === null || tail === null ? null : `${head}\0${tail}`;
}

function badKey(what: string): MachineError {
  return new MachineError('machine_defect', `this is no key of a table: ${what}`, 'Keys are strings, safe integers, or lists of them.');
}
