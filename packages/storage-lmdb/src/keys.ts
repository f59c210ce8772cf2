import type { GroupId, Index } from '@flotilla/core';

/*
 * Keys are ordered by group, then by index:
 *
 *   00                        the incarnation of the data directory
 *   00 00                     its generation
 *   00 01                     the mark of an older copy
 *   group (4 bytes)           what a group has one of: its hard state, or its applied index
 *   group 00 (4 + 1 bytes)    where its log begins
 *   group index (4 + 6 bytes) its entries, or its journal records
 */

const groupBytes = 4;
const indexBytes = 6;

/** The largest index that a key can hold. */
export const indexMax: Index = 2 ** (8 * indexBytes) - 1;

export const incarnationKey: Uint8Array = new Uint8Array([0]);
export const generationKey: Uint8Array = new Uint8Array([0, 0]);
export const rollbackKey: Uint8Array = new Uint8Array([0, 1]);

export function groupKey(group: GroupId): Buffer {
  const key = Buffer.allocUnsafe(groupBytes);
  key.writeUInt32BE(group);
  return key;
}

export function baseKey(group: GroupId): Buffer {
  const key = Buffer.alloc(groupBytes + 1);
  key.writeUInt32BE(group);
  return key;
}

export function indexKey(group: GroupId, index: Index): Buffer {
  const key = Buffer.allocUnsafe(groupBytes + indexBytes);
  key.writeUInt32BE(group);
  key.writeUIntBE(index, groupBytes, indexBytes);
  return key;
}

/** Writes another index into a key, for loops whose database copies the key at once. */
export function setIndex(key: Buffer, index: Index): void {
  key.writeUIntBE(index, groupBytes, indexBytes);
}

/** The group of a key, undefined for what a file has one of. */
export function groupOf(key: Uint8Array): GroupId | undefined {
  return key.length < groupBytes ? undefined : Buffer.from(key.buffer, key.byteOffset, key.length).readUInt32BE();
}

/** The index of a key, undefined where it has none. */
export function indexOf(key: Uint8Array): Index | undefined {
  if (key.length !== groupBytes + indexBytes) return undefined;
  return Buffer.from(key.buffer, key.byteOffset, key.length).readUIntBE(groupBytes, indexBytes);
}

/** As {@link indexOf}, for a key that lies in `buffer` at `start`…`end`. */
export function indexAt(buffer: Buffer, start: number, end: number): Index | undefined {
  return end - start === groupBytes + indexBytes ? buffer.readUIntBE(start + groupBytes, indexBytes) : undefined;
}
