import { join } from 'node:path';
import { open as openLmdb } from 'lmdb';
import { expect } from 'vitest';

/** Changes a stored record behind the store's back; null removes it. */
export async function damageRecord(
  directory: string,
  file: 'log.mdb' | 'state.mdb',
  key: Uint8Array,
  change: (record: Buffer) => Buffer | null,
): Promise<void> {
  const db = openLmdb<Uint8Array, Uint8Array>(join(directory, file), {
    noSubdir: true,
    encoding: 'binary',
    keyEncoding: 'binary',
    overlappingSync: false,
  });
  const record = Buffer.from(db.getBinary(key) ?? []);
  expect(record.length).toBeGreaterThan(0);
  const changed = change(record);
  await (changed ? db.put(key, changed) : db.remove(key));
  await db.close();
}

/** Flips one bit. */
export const flip = (at: number) => (record: Buffer) => {
  record[at] = (record[at] ?? 0) ^ 0x10;
  return record;
};
