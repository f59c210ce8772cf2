import type { GroupId } from '@flotilla/core';
import { indexKey, indexMax } from './keys.ts';

/*
 * The pairs of a group's space lie behind its journal, as if of an index that no entry reaches:
 *
 *   group ff ff ff ff ff ff generation (4 + 6 + 4 bytes) key
 *
 * The generation is the one that the group's state names; others are of states that were replaced, or never got complete.
 */
const generationAt = 4 + 6;
const keyAt = generationAt + 4;

/** Before every key of a generation, and behind those of lower ones. */
export function generationStart(group: GroupId, generation: number): Buffer {
  const start = Buffer.allocUnsafe(keyAt);
  indexKey(group, indexMax).copy(start);
  start.writeUInt32BE(generation, generationAt);
  return start;
}

/** The generation of a space's pair; undefined for another key. */
export function generationOf(storedKey: Uint8Array): number | undefined {
  if (storedKey.length <= keyAt) return undefined;
  return Buffer.from(storedKey.buffer, storedKey.byteOffset, storedKey.length).readUInt32BE(generationAt);
}

export function storedKeyOf(start: Buffer, key: Uint8Array): Buffer {
  const stored = Buffer.allocUnsafe(keyAt + key.length);
  stored.set(start);
  stored.set(key, keyAt);
  return stored;
}

/** The same for a key that is a binary string. */
export function storedKeyOfBinary(start: Buffer, key: string): Buffer {
  const stored = Buffer.allocUnsafe(keyAt + key.length);
  stored.set(start);
  stored.write(key, keyAt, 'latin1');
  return stored;
}

export function keyIn(storedKey: Uint8Array): Uint8Array {
  return storedKey.subarray(keyAt);
}
