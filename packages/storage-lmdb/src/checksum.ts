import { crc32 } from 'node:zlib';
import type { GroupId } from '@flotilla/core';

/** Every record begins with this many bytes of checksum over the rest of it. */
export const checksumBytes = 4;

/** Writes the checksum of the record that lies in `buffer` at `start`…`end`. Its group seeds it: a record of another group fails. */
export function seal(buffer: Buffer, start: number, end: number, group: GroupId): void {
  buffer.writeUInt32LE(crc32(buffer.subarray(start + checksumBytes, end), group), start);
}

export function isSealed(record: Buffer, group: GroupId): boolean {
  return record.length > checksumBytes && record.readUInt32LE() === crc32(record.subarray(checksumBytes), group);
}

/** The same bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
