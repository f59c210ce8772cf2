import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LmdbStorage, openLmdbStorage, openLmdbStorageReadOnly } from '../src/index.ts';
import { batchEntries, compacts, identity, spaceKeys } from './child.ts';
import { bundleChild, type Child, type ChildProgram } from './child-process.ts';
import { temporaryDirectory } from './temporary-directory.ts';

let program: ChildProgram;
let directory: string;
let removeDirectory: () => Promise<void>;
const children: Child[] = [];

beforeAll(async () => {
  program = await bundleChild();
});

afterAll(() => program.remove());

beforeEach(async () => {
  ({ path: directory, remove: removeDirectory } = await temporaryDirectory());
});

afterEach(async () => {
  for (const child of children.splice(0)) await child.kill();
  await removeDirectory();
});

function start(command: string, shell?: string): Child {
  const child = program.start(command, directory, shell);
  children.push(child);
  return child;
}

/** Kills a child once it has printed so many lines; returns all that it printed. */
async function killAfter(child: Child, lines: number): Promise<string[]> {
  const printed: string[] = [];
  let killed: Promise<void> | null = null;
  for await (const line of child.lines) {
    printed.push(line);
    if (printed.length === lines) killed = child.kill();
  }
  await killed;
  return printed;
}

const open = (): Promise<LmdbStorage> => openLmdbStorage({ directory, identity });

test('every acknowledged write survives a kill, and no write does so in part', async () => {
  for (const acknowledgements of [1, 3, 6, 7, 8, 13, 14, 30, 55]) {
    const printed = await killAfter(start('write'), acknowledgements);
    const { logStore, close } = await open();
    const { hardState, log } = await logStore.recover(1);
    // Batches carry their number as the term: what is there is exactly the batches up to one of them.
    expect(hardState.term).toBeGreaterThanOrEqual(Number(printed.at(-1)));
    const expected = { snapshotIndex: 0, lastIndex: 0 };
    let first = 1;
    for (let batch = 1; batch <= hardState.term; batch++) {
      if (compacts(batch)) [first, expected.snapshotIndex] = [batch, expected.lastIndex];
      expected.lastIndex += batchEntries(batch);
    }
    expect(log).toMatchObject(expected);
    expect(log.runs).toHaveLength(hardState.term - first + 1);
    expect((await logStore.recover(2)).log).toEqual(log);
    await close();
  }
});

test('derived state survives a kill with exactly the records and the space of its applied index', async () => {
  for (const commits of [1, 2, 10, 40]) {
    const printed = await killAfter(start('commit'), commits);
    const { stateStore, close } = await open();
    const applied = stateStore.applied(1);
    expect(applied).toBeGreaterThanOrEqual(Number(printed.at(-1)));
    expect(stateStore.journal(1, 1, 100_000).map(({ index }) => index)).toEqual(Array.from({ length: applied }, (_, i) => i + 1));
    const written = Array.from({ length: Math.min(applied, spaceKeys) }, (_, i) => applied - i);
    const inOrder = written.sort((a, b) => (a % spaceKeys) - (b % spaceKeys));
    expect([...stateStore.space(1).range()].map(([, value]) => Number(Buffer.from(value).toString()))).toEqual(inOrder);
    await close();
  }
});

test('a state that a kill keeps from being installed is not there at all', async () => {
  for (const lines of [1, 2, 3, 4, 7, 10]) {
    const printed = await killAfter(start('install'), lines);
    const done = printed.filter((line) => line.startsWith('done')).length;
    const { stateStore, close } = await open();
    const time = stateStore.applied(1) / 1_000;
    expect(time).toBeGreaterThanOrEqual(done);
    expect(time).toBeLessThanOrEqual(Number(printed.at(-1)?.split(' ')[1]));
    const values = [...stateStore.space(1).range()].map(([, value]) => value[0]);
    expect(values).toEqual(Array.from({ length: time === 0 ? 0 : 4_000 }, () => time));
    await close();
    await removeDirectory();
    ({ path: directory, remove: removeDirectory } = await temporaryDirectory());
  }
});

test('a directory that another process holds is refused with its pid, and free once it was killed', async () => {
  const holder = start('hold');
  expect((await holder.lines.next()).value).toBe('ready');
  await expect(open()).rejects.toMatchObject({ code: 'data_directory_in_use', message: expect.stringContaining(`process ${holder.pid}`) });
  await holder.kill();
  await (await open()).close();
});

test('two processes that start at once: one of them gets the directory', async () => {
  await (await open()).close();
  const lines = await Promise.all(
    [start('hold'), start('hold'), start('hold')].map(async (child) => String((await child.lines.next()).value)),
  );
  expect(lines.filter((line) => line === 'ready')).toHaveLength(1);
  expect(lines.filter((line) => line.startsWith('data_directory_in_use'))).toHaveLength(2);
});

test('reads a directory while another process writes it', async () => {
  const writer = start('write');
  let acknowledged = 0;
  while (acknowledged < 10) acknowledged = Number((await writer.lines.next()).value);
  const reader = await openLmdbStorageReadOnly(directory);
  const first = await reader.recover(1);
  expect(first.hardState.term).toBeGreaterThanOrEqual(acknowledged);
  while (acknowledged <= first.hardState.term) acknowledged = Number((await writer.lines.next()).value);
  expect((await reader.recover(1)).hardState.term).toBeGreaterThanOrEqual(acknowledged);
  expect(reader.groups()).toEqual([1, 2]);
  await reader.close();
  await writer.kill();
});

// Windows has no limit on the size of a file.
test.skipIf(process.platform === 'win32')('an error of the disk fails the store for good, and what was acknowledged stays', async () => {
  const child = start('fill', "trap '' XFSZ; ulimit -f 20000;");
  const { value } = await child.lines.next();
  const report = JSON.parse(value) as { acknowledged: number; failures: string[]; unhandled: string[] };
  expect(report).toEqual({ acknowledged: report.acknowledged, failures: ['storage_failed'], unhandled: [] });
  expect(report.acknowledged).toBeGreaterThan(100);
  await child.kill();
  const { logStore, close } = await open();
  expect((await logStore.recover(1)).log.lastIndex).toBeGreaterThanOrEqual(report.acknowledged);
  await close();
});
