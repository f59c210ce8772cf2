import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EntryKind, encodeMembership, foundingMembership, type MemberInfo } from '@flotilla/core';
import { FileArchive } from '@flotilla/storage/archive';
import { openLmdbStorage } from '@flotilla/storage-lmdb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { archiveDirectory } from '../serve/member-files.ts';
import { printLog } from './print-log.ts';

let directory: string;
let printed: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-log-'));
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += text;
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true, force: true });
});

function member(id: number, voter = true): MemberInfo {
  return { id, peerAddress: `127.0.0.1:${id}`, clientAddress: `127.0.0.1:${100 + id}`, voter, witness: false, priority: 0 };
}

const founders = foundingMembership([member(1), member(2), member(3)]);
const grown = foundingMembership([member(1), member(2), member(3), member(4, false)]);

/** A log of a command, a membership and a no-op behind `begin`. */
async function create(begin: number): Promise<void> {
  const { logStore, close } = await openLmdbStorage({ directory, identity: { clusterId: 'demo', memberId: 1 } });
  const payloads: [EntryKind, Uint8Array][] = [
    ['command', new Uint8Array(2)],
    ['membership', encodeMembership(grown)],
    ['no-op', new Uint8Array(0)],
  ];
  const entries = payloads.map(([kind, payload], i) => ({ index: begin + 1 + i, term: 2, time: 1000, kind, payload }));
  const base = { index: begin, term: begin && 1, time: 0, membership: founders };
  await logStore.write([{ group: 1, hardState: { term: 2, vote: 1 }, base, truncateAfter: null, entries }]);
  await close();
}

const columns = () =>
  printed
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/ {2,}/));

test('tells what the group was founded with, and who joined', async () => {
  await create(0);
  await printLog(directory, { from: '1', group: '1', output: 'table' });
  expect(columns()).toEqual([
    ['INDEX', 'TERM', 'TIME', 'KIND', 'CONTENT'],
    ['0', '0', '1970-01-01T00:00:00.000Z', 'beginning', 'voters 1,2,3'],
    ['1', '2', '1970-01-01T00:00:01.000Z', 'command', expect.any(String)],
    ['2', '2', '1970-01-01T00:00:01.000Z', 'membership', 'voters 1,2,3 learners 4'],
    ['3', '2', '1970-01-01T00:00:01.000Z', 'no-op'],
  ]);
});

test('tells where a compacted log begins, unless it was asked for later entries', async () => {
  await create(40);
  await printLog(directory, { from: '1', group: '1', output: 'table' });
  const indexes = () => columns().map(([index]) => index);
  expect(indexes()).toEqual(['INDEX', '40', '41', '42', '43']);
  expect(columns()[1]).toContain('beginning');
  printed = '';
  await printLog(directory, { from: '42', group: '1', output: 'table' });
  expect(indexes()).toEqual(['INDEX', '42', '43']);
});

test('as JSON, with whole memberships', async () => {
  await create(0);
  await printLog(directory, { from: '1', group: '1', output: 'json' });
  const lines = printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ index, kind, membership }) => [index, kind, membership])).toEqual([
    [0, 'beginning', founders],
    [1, 'command', undefined],
    [2, 'membership', grown],
    [3, 'no-op', undefined],
  ]);
});

test('shows what an archive has that does not go back to the beginning', async () => {
  await create(40);
  const archive = new FileArchive(join(directory, archiveDirectory));
  for (const [from, to] of [
    [5, 6],
    [38, 40],
  ] as const) {
    const entries = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    const payload = new Uint8Array(0);
    await archive.addEntries(
      1,
      entries.map((index) => ({ index, term: 1, time: 1000, kind: 'no-op', payload })),
    );
  }
  // Entry 40 is in the archive, and what the log begins with.
  const indexesFrom = async (from: string) => {
    printed = '';
    await printLog(directory, { from, group: '1', output: 'table' });
    return columns().map(([index]) => index);
  };
  expect(await indexesFrom('1')).toEqual(['INDEX', '38', '39', '40', '40', '41', '42', '43']);
  expect(await indexesFrom('5')).toEqual(['INDEX', '5', '6', '38', '39', '40', '40', '41', '42', '43']);
  expect(await indexesFrom('39')).toEqual(['INDEX', '39', '40', '40', '41', '42', '43']);
});
