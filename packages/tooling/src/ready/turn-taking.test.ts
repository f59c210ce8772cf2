import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { oneAtATime } from './turn-taking.mjs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-turns-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('runs one after the other', async () => {
  const seen: string[] = [];
  const work = (name: string) => async () => {
    seen.push(`${name} begins`);
    await sleep(50);
    seen.push(`${name} ends`);
  };
  const lock = join(folder, 'deep', 'lock');
  await Promise.all([oneAtATime(lock, work('one'), () => {}), oneAtATime(lock, work('two'), () => seen.push('two waits'))]);
  expect(seen).toEqual(['one begins', 'two waits', 'one ends', 'two begins', 'two ends']);
});

it('takes over from a process that is gone', async () => {
  const lock = join(folder, 'lock');
  // Process ids end far below this one.
  writeFileSync(lock, '2147483646');
  expect(
    await oneAtATime(
      lock,
      async () => 'done',
      () => {},
    ),
  ).toBe('done');
});

it('lets go when the work fails', async () => {
  const lock = join(folder, 'lock');
  await expect(
    oneAtATime(
      lock,
      () => Promise.reject(new Error('no')),
      () => {},
    ),
  ).rejects.toThrow('no');
  expect(
    await oneAtATime(
      lock,
      async () => 'done',
      () => {},
    ),
  ).toBe('done');
});
