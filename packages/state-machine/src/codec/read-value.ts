import { type ByteReader, malformed } from './byte-reader.ts';
import { bigintBytesMax, depthMax, extension, isForbiddenKey } from './format.ts';

/** Reads one MessagePack value, in the depth where it is. Throws a `MachineError` with code `malformed_payload` for anything else. */
export function readValue(from: ByteReader, depth = 0): unknown {
  const token = from.uint8();
  if (token < 0x80) return token;
  if (token >= 0xe0) return token - 0x100;
  if (token < 0x90) return readObject(from, token & 0x0f, depth + 1);
  if (token < 0xa0) return readArray(from, token & 0x0f, depth + 1);
  if (token < 0xc0) return from.text(token & 0x1f);
  switch (token) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
      return from.bytes(from.uint8());
    case 0xc5:
      return from.bytes(from.uint16());
    case 0xc6:
      return from.bytes(from.uint32());
    case 0xc7:
      return readExtension(from, from.uint8(), depth + 1);
    case 0xc8:
      return readExtension(from, from.uint16(), depth + 1);
    case 0xc9:
      return readExtension(from, from.uint32(), depth + 1);
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return readExtension(from, 1 << (token - 0xd4), depth + 1);
    case 0xd9:
      return from.text(from.uint8());
    case 0xda:
      return from.text(from.uint16());
    case 0xdb:
      return from.text(from.uint32());
    case 0xdc:
      return readArray(from, from.uint16(), depth + 1);
    case 0xdd:
      return readArray(from, from.uint32(), depth + 1);
    case 0xde:
      return readObject(from, from.uint16(), depth + 1);
    case 0xdf:
      return readObject(from, from.uint32(), depth + 1);
    default:
      return readNumber(from, token);
  }
}

function readNumber(from: ByteReader, token: number): number | bigint {
  switch (token) {
    case 0xca:
      return from.float32();
    case 0xcb:
      return from.float64();
    case 0xcc:
      return from.uint8();
    case 0xcd:
      return from.uint16();
    case 0xce:
      return from.uint32();
    case 0xcf:
      return narrow(from.uint64());
    case 0xd0:
      return from.int8();
    case 0xd1:
      return from.int16();
    case 0xd2:
      return from.int32();
    case 0xd3:
      return narrow(from.int64());
    default:
      throw malformed(`0x${token.toString(16)} starts no value`);
  }
}

/** A number where it is exact; other writers may send integers that only a bigint can hold. */
function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function checkDepth(depth: number): void {
  if (depth > depthMax) throw malformed('a value nests too deep');
}

function readArray(from: ByteReader, length: number, depth: number): unknown[] {
  checkDepth(depth);
  // Every element takes at least one byte, so a length that cannot be true costs no memory.
  if (length > from.remaining) throw malformed('the bytes end too early');
  from.countItems(length);
  const array: unknown[] = [];
  for (let at = 0; at < length; at++) array.push(readValue(from, depth));
  return array;
}

function readObject(from: ByteReader, length: number, depth: number): Record<string, unknown> {
  checkDepth(depth);
  if (length * 2 > from.remaining) throw malformed('the bytes end too early');
  from.countItems(length);
  const object: Record<string, unknown> = {};
  for (let at = 0; at < length; at++) {
    const key = readValue(from, depth);
    if (typeof key !== 'string' || isForbiddenKey(key)) throw malformed('an object has a key that is no name of a property');
    if (Object.hasOwn(object, key)) throw malformed(`an object has the key "${key}" twice`);
    object[key] = readValue(from, depth);
  }
  return object;
}

function readExtension(from: ByteReader, length: number, depth: number): unknown {
  const type = from.int8();
  if (length > from.remaining) throw malformed('the bytes end too early');
  const end = from.position + length;
  const value = readExtensionBody(from, type, length, end, depth);
  if (from.position !== end) throw malformed(`an extension of type ${type} has the wrong length`);
  return value;
}

function readExtensionBody(from: ByteReader, type: number, length: number, end: number, depth: number): unknown {
  switch (type) {
    case extension.undefined:
      from.bytes(length);
      return undefined;
    case extension.map:
      return readMap(from, end, depth);
    case extension.set:
      return readSet(from, end, depth);
    case extension.bigint:
      return readBigint(from.bytes(length));
    case extension.timestamp:
      return readTimestamp(from, length);
    default:
      throw malformed(`extension type ${type} is unknown`);
  }
}

function readMap(from: ByteReader, end: number, depth: number): Map<unknown, unknown> {
  checkDepth(depth);
  const map = new Map<unknown, unknown>();
  while (from.position < end) {
    from.countItems(1);
    const key = readValue(from, depth);
    if (map.has(key)) throw malformed('a map has a key twice');
    map.set(key, readValue(from, depth));
  }
  return map;
}

function readSet(from: ByteReader, end: number, depth: number): Set<unknown> {
  checkDepth(depth);
  const set = new Set<unknown>();
  while (from.position < end) {
    from.countItems(1);
    const item = readValue(from, depth);
    if (set.has(item)) throw malformed('a set has a value twice');
    set.add(item);
  }
  return set;
}

function readBigint(body: Uint8Array): bigint {
  if (body.length > bigintBytesMax + 1) throw malformed(`a bigint takes more than ${bigintBytesMax} bytes`);
  const [sign, ...magnitude] = body;
  if ((sign !== 0 && sign !== 1) || magnitude.length === 0) throw malformed('a bigint has no sign or no digits');
  const value = BigInt(`0x${magnitude.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`);
  return sign === 1 ? -value : value;
}

function readTimestamp(from: ByteReader, length: number): Date {
  const { seconds, nanoseconds } = readTime(from, length);
  const date = new Date(Number(seconds) * 1000 + Math.floor(nanoseconds / 1_000_000));
  if (nanoseconds >= 1_000_000_000 || Number.isNaN(date.getTime())) throw malformed('a timestamp is out of range');
  return date;
}

function readTime(from: ByteReader, length: number): { readonly seconds: bigint; readonly nanoseconds: number } {
  if (length === 4) return { seconds: BigInt(from.uint32()), nanoseconds: 0 };
  if (length === 12) {
    const nanoseconds = from.uint32();
    return { seconds: from.int64(), nanoseconds };
  }
  if (length !== 8) throw malformed('a timestamp has the wrong length');
  const packed = from.uint64();
  return { seconds: packed & 0x3_ffff_ffffn, nanoseconds: Number(packed >> 34n) };
}
