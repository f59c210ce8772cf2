import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, foundingMembership } from '@flotilla/core';
import { beforeEach, expect, test, vi } from 'vitest';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { compactDataDirectory } from './compact-data-directory.ts';
import { openDatabaseReadOnly } from './environment.ts';
import { openLmdbStorage } from './index.ts';
import { indexKey } from './keys.ts';
import { verifyDataDirectory } from './verify/verify-data-directory.ts';

let directory: string;
const open = () => openLmdbStorage({ directory, identity: { clusterId: 'c', memberId: 1 } });

beforeEach(async () => {
  const { path, remove } = await temporaryDirectory();
  directory = path;
  return remove;
});

function entries(from: number, to: number): Entry[] {
  const payload = new Uint8Array(1_000).fill(7);
  return Array.from({ length: to - from + 1 }, (_, i) => ({ index: from + i, term: 1, time: 1, kind: 'command', payload }));
}

test('gives room back, and leaves everything else as it was', async () => {
  const base = (index: number) => ({ index, term: index === 0 ? 0 : 1, time: 1, membership: foundingMembership([]) });
  const before = await open();
  await before.logStore.write([
    { group: 1, hardState: { term: 1, vote: 1 }, base: base(0), truncateAfter: null, entries: entries(1, 5_000) },
  ]);
  before.stateStore.space(1).put(new Uint8Array([1]), new Uint8Array([2]));
  await before.stateStore.commit([{ group: 1, applied: 5_000, records: [] }]);
  await before.logStore.write([{ group: 1, hardState: null, base: base(4_990), truncateAfter: null, entries: [] }]);
  const removed = async () => {
    const db = openDatabaseReadOnly(join(directory, 'log.mdb'));
    const left = db.getKeysCount({ start: indexKey(1, 1), end: indexKey(1, 4_991) });
    await db.close();
    expect(left).toBe(0);
  };
  await vi.waitFor(removed, { timeout: 10_000 });
  await expect(compactDataDirectory(directory)).rejects.toThrow(expect.objectContaining({ code: 'data_directory_in_use' }));
  await before.close();

  const log = join(directory, 'log.mdb');
  const { size } = statSync(log);
  const seen: string[] = [];
  const compacted = await compactDataDirectory(directory, { onFile: (file) => void seen.push(file) });
  expect(seen).toEqual([log, join(directory, 'state.mdb')]);
  expect(compacted[0]).toEqual({ file: log, bytesBefore: size, bytesAfter: statSync(log).size });
  expect(statSync(log).size).toBeLessThan(size / 4);
  expect(existsSync(`${log}.compacted`)).toBe(false);
  expect((await verifyDataDirectory(directory)).problems).toEqual([]);

  const after = await open();
  expect(await after.logStore.recover(1)).toMatchObject({
    hardState: { term: 1, vote: 1 },
    log: { snapshotIndex: 4_990, lastIndex: 5_000 },
    damage: null,
  });
  expect(after.stateStore.applied(1)).toBe(5_000);
  expect([...(after.stateStore.space(1).get(new Uint8Array([1])) ?? [])]).toEqual([2]);
  await after.close();
});

test('a member that lost its derived state has only a log to compact', async () => {
  await (await open()).close();
  rmSync(join(directory, 'state.mdb'));
  expect((await compactDataDirectory(directory)).map(({ file }) => file)).toEqual([join(directory, 'log.mdb')]);
  expect(existsSync(join(directory, 'state.mdb'))).toBe(false);
});
