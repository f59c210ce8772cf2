import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { FileSnapshotStore } from '../src/file/index.ts';
import { fileNames, inParts, newestOf, newPlace, position, stateOf, storeIn } from './snapshot-files.ts';

const size = 700_000;

/** A directory with snapshots of 5 and 6. */
async function twoSnapshots(): Promise<string> {
  const directory = await newPlace();
  const store = storeIn(directory);
  for (const index of [5, 6]) await store.save(1, position(index), inParts(stateOf(index, size)));
  return directory;
}

async function fileOf(directory: string, index: number, ending: string): Promise<string> {
  const name = (await fileNames(directory)).find((each) => each.startsWith(`${index}-`) && each.endsWith(ending));
  return join(directory, 'group-1', name ?? 'none');
}

async function flipBit(path: string, at: number): Promise<void> {
  const bytes = await readFile(path);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
  await writeFile(path, bytes);
}

describe('a snapshot whose bytes are damaged', () => {
  test.each([
    ['in its first byte', (path: string) => flipBit(path, 0)],
    ['in the middle', (path: string) => flipBit(path, 400_000)],
    ['in its last byte', (path: string) => flipBit(path, size - 1)],
    ['by a lost end', (path: string) => truncate(path, size - 1)],
    ['and lost altogether', (path: string) => rm(path)],
  ])('%s is noticed, and an older one takes its place', async (_, damage) => {
    const directory = await twoSnapshots();
    await damage(await fileOf(directory, 6, '.data'));
    const damaged: string[] = [];
    const store = storeIn(directory, (what) => damaged.push(what));
    await expect(newestOf(store)).rejects.toMatchObject({ code: 'snapshot_damaged' });
    expect(damaged).toHaveLength(1);
    expect((await newestOf(store))?.bytes.equals(stateOf(5, size))).toBe(true);
    // Storing it again mends it.
    await store.save(1, position(6), inParts(stateOf(6, size)));
    expect((await newestOf(storeIn(directory)))?.bytes.equals(stateOf(6, size))).toBe(true);
  });

  test('is not sent to others', async () => {
    const directory = await twoSnapshots();
    await flipBit(await fileOf(directory, 6, '.data'), 600_000);
    const store = storeIn(directory);
    const info = await store.newest(1);
    expect(await store.read(1, info?.id ?? '', 0, 262_144)).toHaveLength(262_144);
    expect(await store.read(1, info?.id ?? '', 524_288, 262_144)).toBeNull();
    expect((await store.newest(1))?.index).toBe(5);
  });
});

test('a manifest with any byte damaged counts for nothing', async () => {
  const directory = await twoSnapshots();
  const path = await fileOf(directory, 6, '.json');
  const intact = await readFile(path);
  for (let at = 0; at < intact.length; at++) {
    await flipBit(path, at);
    const damaged: string[] = [];
    expect((await storeIn(directory, (what) => damaged.push(what)).newest(1))?.index).toBe(5);
    expect(damaged).toEqual([`the manifest ${path} is damaged`]);
    await writeFile(path, intact);
  }
  expect((await storeIn(directory).newest(1))?.index).toBe(6);
});

test('a manifest of another format, or of another cluster, is refused', async () => {
  const directory = await twoSnapshots();
  const stranger = new FileSnapshotStore({ directory, cluster: 'red' });
  await expect(stranger.newest(1)).rejects.toMatchObject({ code: 'snapshot_of_another_cluster' });
  const path = await fileOf(directory, 6, '.json');
  const json = (await readFile(path, 'utf8')).slice(9, -1).replace('"format":1', '"format":2');
  await writeFile(path, `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`);
  await expect(storeIn(directory).newest(1)).rejects.toMatchObject({ code: 'snapshot_format_unknown' });
});

test('no more than a few parts are in memory, however large the state is', async () => {
  const directory = await newPlace();
  const store = storeIn(directory);
  const total = 192 * 1024 * 1024;
  const part = stateOf(1, 1024 * 1024);
  const peaks: number[] = [];
  async function* large(): AsyncGenerator<Uint8Array, void, void> {
    for (let sent = 0; sent < total; sent += part.length) {
      peaks.push(process.memoryUsage().arrayBuffers);
      yield part;
    }
  }
  const before = process.memoryUsage().arrayBuffers;
  const { id } = await store.save(1, position(5), large());
  for await (const _ of store.load(1, id)) peaks.push(process.memoryUsage().arrayBuffers);
  expect(Math.max(...peaks) - before).toBeLessThan(total / 2);
});
