import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordingDirectory } from '@flotilla/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let parent = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'flotilla-recordings-'));
});
afterEach(() => rm(parent, { recursive: true }));

describe('a directory of recordings', () => {
  test('is made, appended to, and renamed in', async () => {
    const directory = join(parent, 'data', 'member-1');
    const files = recordingDirectory(directory);
    await files.rename('a', 'b');
    await files.append('a', 'one\n');
    await files.append('a', 'two\n');
    await files.rename('a', 'b');
    expect(await readdir(directory)).toEqual(['b']);
    expect(await readFile(join(directory, 'b'), 'utf8')).toBe('one\ntwo\n');
    expect((await stat(join(directory, 'b'))).mode & 0o777).toBe(0o600);
  });

  test('replaces a file by a whole one, however long', async () => {
    const files = recordingDirectory(parent);
    await files.append('a', 'old');
    await files.replace(
      'a',
      Array.from({ length: 1000 }, () => 'x'.repeat(999)),
    );
    expect((await stat(join(parent, 'a'))).size).toBe(999_000);
  });

  test('keeps the file that it could not replace, and leaves nothing half written', async () => {
    const files = recordingDirectory(parent);
    await files.append('a', 'old');
    function* broken() {
      yield 'new';
      throw new Error('broken');
    }
    await expect(files.replace('a', broken())).rejects.toThrow('broken');
    expect(await readdir(parent)).toEqual(['a']);
    expect(await readFile(join(parent, 'a'), 'utf8')).toBe('old');
  });

  test('takes no name that leads out of it', async () => {
    const files = recordingDirectory(parent);
    await expect(files.append('../a', 'x')).rejects.toThrow('no plain file name');
  });
});
