import type { ByteWriter } from './byte-writer.ts';
import { checkBigint, depthMax, describeUnsupported, extension, isForbiddenKey, isPlainObject, Unencodable } from './format.ts';
import { utf8Length } from './utf8.ts';

/**
 * Writes any value that the codec carries as MessagePack, each in the one form that this writer has for it. It may nest as many levels
 * as are left.
 */
export function writeValue(to: ByteWriter, value: unknown, levels = depthMax): void {
  switch (typeof value) {
    case 'string':
      writeText(to, value);
      break;
    case 'number':
      writeNumber(to, value);
      break;
    case 'boolean':
      to.uint8(value ? 0xc3 : 0xc2);
      break;
    case 'undefined':
      to.uint8(0xd4);
      to.uint16(extension.undefined);
      break;
    case 'bigint':
      writeBigint(to, value);
      break;
    case 'object':
      if (value === null) to.uint8(0xc0);
      else writeObject(to, value, levels - 1);
      break;
    case 'function':
    case 'symbol':
      throw new Unencodable(`${describeUnsupported(value)} cannot be encoded`);
  }
}

function writeObject(to: ByteWriter, value: object, levels: number): void {
  if (levels < 0) throw new Unencodable('a value nests too deep, or contains itself');
  if (value instanceof Uint8Array) writeBytes(to, value);
  else if (Array.isArray(value)) writeArray(to, value, levels);
  else if (isPlainObject(value)) writePlainObject(to, value, levels);
  else if (value instanceof Map) writeMap(to, value, levels);
  else if (value instanceof Set) writeSet(to, value, levels);
  else if (value instanceof Date) writeTimestamp(to, value.getTime());
  else throw new Unencodable(`${describeUnsupported(value)} cannot be encoded`);
}

function writeMap(to: ByteWriter, map: ReadonlyMap<unknown, unknown>, levels: number): void {
  to.countItems(map.size);
  writeExtension(to, extension.map, () => writeItems(to, [...map].flat(1), levels));
}

function writeSet(to: ByteWriter, set: ReadonlySet<unknown>, levels: number): void {
  to.countItems(set.size);
  writeExtension(to, extension.set, () => writeItems(to, [...set], levels));
}

function writeArray(to: ByteWriter, array: readonly unknown[], levels: number): void {
  to.countItems(array.length);
  writeHeader(to, array.length, 0x90, 0x0f, arrayTokens);
  writeItems(to, array, levels);
}

/** By index, not by iteration over what is there: a hole is written as undefined. */
function writeItems(to: ByteWriter, items: readonly unknown[], levels: number): void {
  for (let at = 0; at < items.length; at++) writeValue(to, items[at], levels);
}

function writePlainObject(to: ByteWriter, value: Record<string, unknown>, levels: number): void {
  const keys = Object.keys(value);
  to.countItems(keys.length);
  writeHeader(to, keys.length, 0x80, 0x0f, objectTokens);
  for (const key of keys) {
    if (isForbiddenKey(key)) throw new Unencodable(`a property cannot be called "${key}"`);
    writeText(to, key);
    writeValue(to, value[key], levels);
  }
}

type Tokens = readonly [eightBit: number | null, sixteenBit: number, thirtyTwoBit: number];

const arrayTokens: Tokens = [null, 0xdc, 0xdd];
const objectTokens: Tokens = [null, 0xde, 0xdf];
const textTokens: Tokens = [0xd9, 0xda, 0xdb];
const byteTokens: Tokens = [0xc4, 0xc5, 0xc6];
const naturalTokens: Tokens = [0xcc, 0xcd, 0xce];

/** The smallest header for `length`: in one byte with `fixed` up to `fixedMax`, else one of `tokens` and the length. */
function writeHeader(to: ByteWriter, length: number, fixed: number, fixedMax: number, [eightBit, sixteenBit, thirtyTwoBit]: Tokens): void {
  if (length <= fixedMax) {
    to.uint8(fixed | length);
  } else if (length <= 0xff && eightBit !== null) {
    to.uint8(eightBit);
    to.uint8(length);
  } else if (length <= 0xffff) {
    to.uint8(sixteenBit);
    to.uint16(length);
  } else {
    to.uint8(thirtyTwoBit);
    to.uint32(length);
  }
}

function writeText(to: ByteWriter, text: string): void {
  const bytes = utf8Length(text);
  if (bytes < 0) throw new Unencodable('a string contains half of a surrogate pair');
  writeHeader(to, bytes, 0xa0, 0x1f, textTokens);
  to.text(text, bytes);
}

function writeBytes(to: ByteWriter, bytes: Uint8Array): void {
  writeHeader(to, bytes.length, 0, -1, byteTokens);
  to.bytes(bytes);
}

function writeNumber(to: ByteWriter, value: number): void {
  // Negative zero is no integer in MessagePack.
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
    to.uint8(0xcb);
    // One bit pattern for every NaN, so that equal values give equal bytes.
    to.float64(Number.isNaN(value) ? Number.NaN : value);
  } else if (value >= 0) {
    writeNatural(to, value);
  } else {
    writeNegative(to, value);
  }
}

function writeNatural(to: ByteWriter, value: number): void {
  if (value <= 0xffffffff) {
    writeHeader(to, value, 0, 0x7f, naturalTokens);
  } else {
    to.uint8(0xcf);
    to.int64(BigInt(value));
  }
}

function writeNegative(to: ByteWriter, value: number): void {
  if (value >= -0x20) {
    to.uint8(value & 0xff);
  } else if (value >= -0x80) {
    to.uint8(0xd0);
    to.uint8(value & 0xff);
  } else if (value >= -0x8000) {
    to.uint8(0xd1);
    to.uint16(value & 0xffff);
  } else if (value >= -0x80000000) {
    to.uint8(0xd2);
    to.uint32(value >>> 0);
  } else {
    to.uint8(0xd3);
    to.int64(BigInt(value));
  }
}

function writeBigint(to: ByteWriter, value: bigint): void {
  checkBigint(value);
  const digits = (value < 0n ? -value : value).toString(16);
  const even = digits.length % 2 === 0 ? digits : `0${digits}`;
  writeExtension(to, extension.bigint, () => {
    to.uint8(value < 0n ? 1 : 0);
    for (let at = 0; at < even.length; at += 2) to.uint8(Number.parseInt(even.slice(at, at + 2), 16));
  });
}

/** The shortest of the three forms that the MessagePack specification gives for a time. */
function writeTimestamp(to: ByteWriter, time: number): void {
  if (Number.isNaN(time)) throw new Unencodable('an invalid date cannot be encoded');
  const seconds = Math.floor(time / 1000);
  const nanoseconds = (time - seconds * 1000) * 1_000_000;
  if (nanoseconds === 0 && seconds >= 0 && seconds <= 0xffffffff) {
    to.uint16(0xd6ff);
    to.uint32(seconds);
  } else if (seconds >= 0 && seconds < 0x4_0000_0000) {
    to.uint16(0xd7ff);
    to.int64(BigInt.asIntN(64, (BigInt(nanoseconds) << 34n) | BigInt(seconds)));
  } else {
    to.uint8(0xc7);
    to.uint16(0x0cff);
    to.uint32(nanoseconds);
    to.int64(BigInt(seconds));
  }
}

/** An extension whose length is known only once its body is written; always in the long form. */
function writeExtension(to: ByteWriter, type: number, body: () => void): void {
  to.uint8(0xc9);
  const lengthAt = to.length;
  to.uint32(0);
  to.uint8(type);
  const start = to.length;
  body();
  to.patchUint32(lengthAt, to.length - start);
}
