import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foundingMembership } from '@flotilla/core';
import { type BackupManifest, openBackup, verifyBackup, writeBackup } from '@flotilla/snapshot/file';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const state = Buffer.from('the state');

const manifest: BackupManifest = {
  app: 'kv',
  cluster: 'demo',
  group: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  snapshot: {
    index: 7,
    term: 2,
    time: 1000,
    membership: foundingMembership([]),
    machine: { name: 'kv', version: 1 },
    id: createHash('sha256').update(state).digest('hex'),
    size: state.length,
  },
};

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'backup-file-'));
});

afterEach(() => rm(directory, { recursive: true, force: true }));

describe('a backup', () => {
  it('is what was written', async () => {
    const file = join(directory, 'monday.backup');
    await writeBackup(file, manifest, parts());
    await expect(verifyBackup(file)).resolves.toEqual(manifest);
    expect(await readdir(directory)).toEqual(['monday.backup']);
  });

  it('into a directory that is not there says what to do', async () => {
    const written = writeBackup(join(directory, 'nowhere', 'monday.backup'), manifest, parts());
    await expect(written).rejects.toMatchObject({ code: 'backup_failed', hint: expect.stringContaining('directory that exists') });
  });

  it('keeps the error of a source that breaks off, and leaves nothing behind', async () => {
    const written = writeBackup(join(directory, 'monday.backup'), manifest, breakingOff());
    await expect(written).rejects.toThrow('the source broke off');
    expect(await readdir(directory)).toEqual([]);
  });

  it('is no directory', async () => {
    await expect(openBackup(directory)).rejects.toMatchObject({ code: 'backup_unreadable' });
  });
});

async function* parts(): AsyncGenerator<Uint8Array> {
  yield state;
}

async function* breakingOff(): AsyncGenerator<Uint8Array> {
  yield state.subarray(0, 3);
  throw new Error('the source broke off');
}
