import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { fileNames, infoOf, inParts, newestOf, newPlace, position, stateOf, storeIn } from './snapshot-files.ts';

type FileSystem = typeof import('node:fs/promises');

/** Called before and after everything that changes a directory, and after everything that is written or synced. */
const step = vi.hoisted(() => ({ happens: async (_what: 'opened' | 'other') => {} }));

vi.mock('node:fs/promises', async (importActual) => {
  const actual = await importActual<FileSystem>();
  const stepped =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      await step.happens('other');
      const result = await call(...args);
      await step.happens('other');
      return result;
    };
  const open = async (...args: Parameters<FileSystem['open']>) => {
    const file = await actual.open(...args);
    if (args[1] === 'r') return file;
    for (const name of ['write', 'writeFile', 'sync'] as const) {
      const call = file[name].bind(file) as (...args: unknown[]) => Promise<unknown>;
      Object.assign(file, { [name]: stepped(call) });
    }
    await step.happens('opened');
    return file;
  };
  return { ...actual, open, rename: stepped(actual.rename), rm: stepped(actual.rm) };
});

const { cp } = await vi.importActual<FileSystem>('node:fs/promises');

afterEach(() => {
  step.happens = async () => {};
});

/** Runs `work` on a store that has snapshots of 5 and 6, and returns what the directory was after each step. */
async function copiesDuring(work: (store: ReturnType<typeof storeIn>) => Promise<unknown>): Promise<readonly string[]> {
  const place = await newPlace();
  const directory = join(place, 'live');
  const store = storeIn(directory);
  for (const index of [5, 6]) await store.save(1, position(index), inParts(stateOf(index, 300_000)));
  const copies: string[] = [];
  step.happens = async () => {
    const copy = join(place, `copy-${copies.length}`);
    copies.push(copy);
    await cp(directory, copy, { recursive: true });
  };
  await work(store);
  step.happens = async () => {};
  copies.push(directory);
  return copies;
}

async function expectOldThenNew(copies: readonly string[]): Promise<void> {
  const found: number[] = [];
  for (const copy of copies) {
    const damaged: string[] = [];
    const store = storeIn(copy, (what) => damaged.push(what));
    const newest = await newestOf(store);
    expect(newest?.bytes.equals(stateOf(newest.info.index, 300_000))).toBe(true);
    expect(damaged).toEqual([]);
    expect((await fileNames(copy)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    found.push(newest?.info.index ?? 0);
    // What the crash left behind is in nobody's way.
    await store.save(1, position(8), inParts(stateOf(8, 300_000)));
    expect((await newestOf(storeIn(copy)))?.info.index).toBe(8);
  }
  expect(found).toEqual([...found].sort());
  expect(new Set(found)).toEqual(new Set([6, 7]));
  expect(found.length).toBeGreaterThan(15);
}

test('a crash at any step of a save leaves the snapshot from before, or the new one', async () => {
  await expectOldThenNew(await copiesDuring((store) => store.save(1, position(7), inParts(stateOf(7, 300_000)))));
});

test('a crash at any step of a transfer leaves the snapshot from before, or the new one', async () => {
  const bytes = stateOf(7, 300_000);
  const copies = await copiesDuring(async (store) => {
    for (let offset = 0; offset < bytes.length; offset += 50_000) {
      await store.receive(1, infoOf(7, bytes), offset, bytes.subarray(offset, offset + 50_000));
    }
    expect(await store.complete(1, infoOf(7, bytes))).toBe(true);
  });
  await expectOldThenNew(copies);
});

test('a crash while a damaged snapshot is stored again leaves one that is intact', async () => {
  const copies = await copiesDuring((store) => store.save(1, position(6), inParts(stateOf(6, 300_000))));
  for (const copy of copies) {
    const newest = await newestOf(storeIn(copy));
    expect(newest?.info.index).toBe(6);
    expect(newest?.bytes.equals(stateOf(6, 300_000))).toBe(true);
  }
});

test('where the disk is full at any step, nothing is lost, and nothing is left that takes room', async () => {
  for (let failing = 0, failed = true; failed; failing++) {
    const directory = await newPlace();
    const store = storeIn(directory);
    await store.save(1, position(5), inParts(stateOf(5, 300_000)));
    let steps = 0;
    step.happens = async (what) => {
      if (what === 'other' && steps++ === failing) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    const saved = await store.save(1, position(6), inParts(stateOf(6, 300_000))).catch((error: unknown) => error);
    step.happens = async () => {};
    failed = steps > failing;
    if (failed && saved instanceof Error) expect(saved).toMatchObject({ code: 'snapshot_no_room' });
    const newest = await newestOf(store);
    expect(newest?.bytes.equals(stateOf(newest.info.index, 300_000))).toBe(true);
    const snapshots = newest?.info.index === 6 ? 2 : 1;
    expect(await fileNames(directory)).toHaveLength(2 * snapshots);
    await store.save(1, position(6), inParts(stateOf(6, 300_000)));
    expect((await newestOf(storeIn(directory)))?.info.index).toBe(6);
  }
});

test('of two snapshots that arrive at once, the later one counts, and nothing of the other stays', async () => {
  const directory = await newPlace();
  const store = storeIn(directory);
  const [old, next] = [stateOf(7, 300_000), stateOf(8, 300_000)];
  // The first part of the old one is still on its way to the disk.
  const parts = [store.receive(1, infoOf(7, old), 0, old.subarray(0, 50_000)), store.receive(1, infoOf(8, next), 0, next)];
  await Promise.all(parts);
  expect(await fileNames(directory)).toHaveLength(1);
  expect(await store.complete(1, infoOf(8, next))).toBe(true);
  expect((await fileNames(directory)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  expect((await newestOf(store))?.bytes.equals(next)).toBe(true);
});
