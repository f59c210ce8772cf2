import { malformed } from '../codec/byte-reader.ts';
import { decodeValue, encodeValue } from '../codec/codec.ts';
import { assertReads, type SnapshotOwner, type SnapshotReader } from '../snapshot-owner.ts';
import { binaryKey } from './binary-key.ts';
import type { KeyValue } from './state-space.ts';

/*
 * A space as bytes: length (4) of the header, header; for each pair length of the key (4), length of the value (4), key, value; and
 * a length of 0 (4) at the end. Big endian. The header is MessagePack: [format, name, version]. Pairs have the order of the keys,
 * so that equal spaces give equal bytes.
 */

const formatVersion = 1;

/** A part of a snapshot has about so many bytes, and more only where a single pair has. */
const partBytes = 65_536;

/** Longer keys and values than this are none: a length that lies must not take memory. */
const lengthMax = 2 ** 30;

/** The bytes of a space, in parts. `pairs` are all of it, in the order of the keys. */
export function* encodeSpaceSnapshot({ name, version }: SnapshotOwner, pairs: Iterable<KeyValue>): Generator<Uint8Array, void, void> {
  const header = encodeValue([formatVersion, name, version]);
  let part = new Uint8Array(partBytes);
  let length = writeLengths(part, 0, header.length);
  part.set(header, length);
  length += header.length;
  for (const [key, value] of pairs) {
    const needed = 8 + key.length + value.length;
    if (length + needed > part.length) {
      yield part.subarray(0, length);
      part = new Uint8Array(Math.max(partBytes, needed));
      length = 0;
    }
    length = writeLengths(part, length, key.length, value.length);
    part.set(key, length);
    part.set(value, length + key.length);
    length += key.length + value.length;
  }
  yield part.subarray(0, length);
  yield new Uint8Array(4);
}

function writeLengths(bytes: Uint8Array, start: number, ...lengths: readonly number[]): number {
  let at = start;
  for (const length of lengths) {
    bytes.set([length >>> 24, length >>> 16, length >>> 8, length], at);
    at += 4;
  }
  return at;
}

/**
 * Reads what {@link encodeSpaceSnapshot} wrote, part by part; the parts may be cut anywhere. Throws `malformed_payload` for other
 * bytes, and what `assertReads` throws.
 */
export class SpaceSnapshotDecoder {
  readonly #reader: SnapshotReader;
  #rest: Uint8Array = new Uint8Array(0);
  #hasHeader = false;
  #lastKey = '';
  #ended = false;

  constructor(reader: SnapshotReader) {
    this.#reader = reader;
  }

  /** The pairs that are complete with this part. They share its bytes. */
  take(part: Uint8Array): readonly KeyValue[] {
    const bytes = this.#rest.length === 0 ? part : joined(this.#rest, part);
    const pairs: KeyValue[] = [];
    let at = this.#hasHeader ? 0 : this.#takeHeader(bytes);
    while (this.#hasHeader) {
      const keyLength = lengthAt(bytes, at);
      if (keyLength === 0) {
        this.#ended = true;
        at += 4;
      }
      if (this.#ended) {
        if (at < bytes.length) throw malformed('a snapshot goes on behind its end');
        break;
      }
      const valueLength = lengthAt(bytes, at + 4);
      if (keyLength === undefined || valueLength === undefined || at + 8 + keyLength + valueLength > bytes.length) break;
      const valueAt = at + 8 + keyLength;
      pairs.push([this.#follows(bytes.subarray(at + 8, valueAt)), bytes.subarray(valueAt, valueAt + valueLength)]);
      at = valueAt + valueLength;
    }
    this.#rest = bytes.subarray(at);
    return pairs;
  }

  /** There are no more parts. Throws where there should be. */
  end(): void {
    if (!this.#ended) throw malformed('a snapshot ends too early');
  }

  /** Returns how many bytes it has, or 0 where it is not complete. */
  #takeHeader(bytes: Uint8Array): number {
    const length = lengthAt(bytes, 0);
    if (length !== undefined && length > partBytes) throw malformed('these bytes are no snapshot of tables');
    if (length === undefined || bytes.length < 4 + length) return 0;
    const [format, name, version] = headerOf(bytes.subarray(4, 4 + length));
    if (format !== formatVersion) throw malformed(`a snapshot of format ${String(format)} cannot be read; this is format ${formatVersion}`);
    if (typeof name !== 'string' || typeof version !== 'number') throw malformed('these bytes are no snapshot of tables');
    assertReads(this.#reader, { name, version }, 'the snapshot');
    this.#hasHeader = true;
    return 4 + length;
  }

  #follows(key: Uint8Array): Uint8Array {
    const binary = binaryKey(key);
    if (binary <= this.#lastKey) throw malformed('the keys of a snapshot are not in order');
    this.#lastKey = binary;
    return key;
  }
}

/** Reads the parts of a snapshot as they come, see {@link SpaceSnapshotDecoder}. Fails where they are not all of it. */
export async function* decodeSpaceSnapshot(
  reader: SnapshotReader,
  parts: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly KeyValue[], void, void> {
  const decoder = new SpaceSnapshotDecoder(reader);
  for await (const part of parts) {
    const pairs = decoder.take(part);
    if (pairs.length > 0) yield pairs;
  }
  decoder.end();
}

function headerOf(bytes: Uint8Array): readonly unknown[] {
  const header = decodeValue(bytes);
  if (!Array.isArray(header) || header.length !== 3) throw malformed('these bytes are no snapshot of tables');
  return header.map((part: unknown) => (typeof part === 'number' || typeof part === 'string' ? part : 'unknown'));
}

/** Undefined where the bytes end before. */
function lengthAt(bytes: Uint8Array, at: number): number | undefined {
  if (at + 4 > bytes.length) return undefined;
  const byte = (offset: number) => bytes[at + offset] as number;
  const length = byte(0) * 2 ** 24 + byte(1) * 2 ** 16 + byte(2) * 2 ** 8 + byte(3);
  if (length > lengthMax) throw malformed(`a snapshot has a length of ${length} where ${lengthMax} is the most`);
  return length;
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}
