import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entry } from '@flotilla/core';
import { beforeEach, expect, test } from 'vitest';
import { FileArchive } from './file-archive.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'archive-'));
  return () => rm(directory, { recursive: true });
});

function entries(from: number, to: number): Entry[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({
    index: from + i,
    term: 1 + Math.floor((from + i) / 10),
    time: 1_000 + i,
    kind: i % 7 === 0 ? 'no-op' : 'command',
    payload: new Uint8Array([from + i, 0, 255]),
  }));
}

async function readAll(archive: FileArchive, from: number): Promise<number[]> {
  const indexes: number[] = [];
  for (let next = from; ; next = (indexes.at(-1) ?? 0) + 1) {
    const found = await archive.entries(1, next);
    if (found === null) return indexes;
    indexes.push(...found.map(({ index }) => index));
  }
}

function files(): string[] {
  return readdirSync(join(directory, '1')).sort();
}

test('gives back what was added, over a restart, from any entry on', async () => {
  const archive = new FileArchive(directory);
  await archive.addEntries(1, entries(1, 10));
  await archive.addEntries(1, entries(11, 25));
  for (const each of [archive, new FileArchive(directory)]) {
    expect(await each.entries(1, 5)).toEqual(entries(1, 10).slice(4));
    expect(await readAll(each, 1)).toEqual(entries(1, 25).map(({ index }) => index));
    expect(await each.entries(1, 26)).toBeNull();
    expect(await each.entries(2, 1)).toBeNull();
    expect(await each.extent(1, 'entries')).toEqual({ from: 1, to: 25 });
    expect(await each.extent(1, 'events')).toBeNull();
  }
});

test('what is added again after a crash is there once', async () => {
  await new FileArchive(directory).addEntries(1, entries(1, 10));
  const archive = new FileArchive(directory);
  await Promise.all([archive.addEntries(1, entries(5, 15)), archive.addEntries(1, entries(12, 15))]);
  await archive.addEntries(1, entries(1, 15));
  expect(files()).toEqual(['entries-0000000000000001-0000000000000010.segment', 'entries-0000000000000011-0000000000000015.segment']);
  expect(await readAll(archive, 1)).toHaveLength(15);
});

test('events are known for a span, also where there were none', async () => {
  const archive = new FileArchive(directory);
  const record = { index: 4, term: 1, time: 5, events: new Uint8Array([1, 2]) };
  await archive.addEvents(1, { from: 1, to: 9, records: [record] });
  await archive.addEvents(1, { from: 10, to: 12, records: [] });
  expect(await archive.events(1, 2)).toEqual({ from: 2, to: 9, records: [record] });
  expect(await archive.events(1, 5)).toEqual({ from: 5, to: 9, records: [] });
  expect(await archive.events(1, 10)).toEqual({ from: 10, to: 12, records: [] });
  expect(await archive.events(1, 13)).toBeNull();
});

test('a hole is a hole', async () => {
  const archive = new FileArchive(directory);
  await archive.addEntries(1, entries(1, 5));
  await archive.addEntries(1, entries(9, 12));
  expect(await readAll(archive, 1)).toEqual([1, 2, 3, 4, 5]);
  expect(await archive.extent(1, 'entries')).toEqual({ from: 9, to: 12 });
});

test('no flipped bit goes unnoticed', async () => {
  await new FileArchive(directory).addEntries(1, entries(1, 20));
  const [name = ''] = files();
  const file = join(directory, '1', name);
  const intact = readFileSync(file);
  expect(await new FileArchive(directory).verify()).toEqual([]);
  for (let bit = 0; bit < intact.length * 8; bit += 5) {
    const damaged = Buffer.from(intact);
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    writeFileSync(file, damaged);
    const archive = new FileArchive(directory);
    const found = await archive.entries(1, 1).catch((error: { code: string }) => error.code);
    // A header may change in what does not matter, such as a space; what is read is right all the same.
    if (typeof found === 'string') expect(found).toBe('archive_corrupted');
    else expect(found).toEqual(entries(1, 20));
  }
  for (const length of [0, 1, intact.length - 1]) {
    writeFileSync(file, intact.subarray(0, length));
    await expect(new FileArchive(directory).entries(1, 1)).rejects.toThrow(expect.objectContaining({ code: 'archive_corrupted' }));
    expect(await new FileArchive(directory).verify()).toHaveLength(1);
  }
  writeFileSync(file, intact);
  expect(await readAll(new FileArchive(directory), 1)).toHaveLength(20);
});

test('what a crash left unfinished is removed', async () => {
  await new FileArchive(directory).addEntries(1, entries(1, 5));
  writeFileSync(join(directory, '1', 'entries-0000000000000006-0000000000000009.segment.new'), 'half');
  const archive = new FileArchive(directory);
  expect(await readAll(archive, 1)).toHaveLength(5);
  await archive.addEntries(1, entries(6, 8));
  expect(await readAll(archive, 1)).toHaveLength(8);
  expect(files()).toHaveLength(2);
});

test('has a hole where a segment is removed while it is in use', async () => {
  const archive = new FileArchive(directory);
  for (const from of [1, 6, 11]) await archive.addEntries(1, entries(from, from + 4));
  rmSync(join(directory, '1', files()[1] ?? ''));
  expect(await readAll(archive, 1)).toEqual([1, 2, 3, 4, 5]);
  expect(await archive.entries(1, 6)).toBeNull();
  expect(await archive.extent(1, 'entries')).toEqual({ from: 11, to: 15 });
  await archive.addEntries(1, entries(16, 20));
  expect(await readAll(archive, 11)).toHaveLength(10);
});

test('says what to do where there is something else in its place', async () => {
  writeFileSync(join(directory, '1'), '');
  await expect(new FileArchive(directory).extent(1, 'entries')).rejects.toMatchObject({ code: 'archive_unusable' });
});

test('goes on where its directory could not be made, or not be read, for a time', async () => {
  const archive = new FileArchive(directory);
  writeFileSync(join(directory, '1'), 'a file in the way');
  await expect(archive.addEntries(1, entries(1, 5))).rejects.toThrow('ENOTDIR');
  rmSync(join(directory, '1'));
  await archive.addEntries(1, entries(1, 5));
  writeFileSync(join(directory, '2'), 'a file in the way of making it');
  const blocked = new FileArchive(join(directory, '2'));
  await expect(blocked.addEntries(1, entries(1, 5))).rejects.toThrow();
  rmSync(join(directory, '2'));
  await blocked.addEntries(1, entries(1, 5));
  expect(await readAll(archive, 1)).toHaveLength(5);
  expect(await readAll(blocked, 1)).toHaveLength(5);
});

test('a segment that cannot be read is a problem among others', async () => {
  await new FileArchive(directory).addEntries(1, entries(1, 5));
  await new FileArchive(directory).addEntries(1, entries(6, 9));
  for (const name of files()) {
    rmSync(join(directory, '1', name));
    mkdirSync(join(directory, '1', name));
  }
  expect(await new FileArchive(directory).verify()).toHaveLength(2);
});

test('a segment that was removed while the archive is in use is a hole', async () => {
  const archive = new FileArchive(directory);
  for (const from of [1, 4, 7]) await archive.addEntries(1, entries(from, from + 2));
  await archive.addEvents(1, { from: 1, to: 9, records: [] });
  expect(await readAll(archive, 1)).toHaveLength(9);
  for (const name of files().slice(1, 2)) rmSync(join(directory, '1', name));
  expect(await archive.entries(1, 5)).toBeNull();
  expect(await readAll(archive, 1)).toEqual([1, 2, 3]);
  expect(await archive.extent(1, 'entries')).toEqual({ from: 7, to: 9 });
  rmSync(join(directory, '1', files().find((name) => name.startsWith('events')) ?? ''));
  expect(await archive.events(1, 2)).toBeNull();
});
