import { crc32 } from 'node:zlib';
import { asBuffer, checksumBytes } from './checksum.ts';

/*
 * A pair of a space: checksum (4) over its key and value, value
 */

export function encodePair(storedKey: Buffer, value: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(checksumBytes + value.length);
  record.set(value, checksumBytes);
  record.writeUInt32LE(checksumOf(storedKey, value));
  return record;
}

/** The value in these bytes, or undefined where they are not what was written under this key. It is a slice. */
export function decodePair(storedKey: Uint8Array, bytes: Uint8Array): Uint8Array | undefined {
  const record = asBuffer(bytes);
  if (record.length < checksumBytes) return undefined;
  const value = record.subarray(checksumBytes);
  return record.readUInt32LE() === checksumOf(storedKey, value) ? value : undefined;
}

function checksumOf(storedKey: Uint8Array, value: Uint8Array): number {
  const begun = crc32(storedKey);
  // Of no bytes zlib says the checksum or 0, depending on whether they have an address.
  return value.length === 0 ? begun : crc32(value, begun);
}
