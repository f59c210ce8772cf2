import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readAllVerified } from './chunk-reader.ts';
import { dataEnding, manifestEnding } from './group-directory.ts';
import { parseManifest } from './snapshot-manifest.ts';

/** A snapshot that is not what was written. */
export interface SnapshotProblem {
  /** Below the directory. */
  readonly file: string;
  readonly problem: string;
}

/** Reads and verifies every snapshot in the directory of a `FileSnapshotStore`, changing nothing. Nothing is there is no problem. */
export async function verifySnapshots(directory: string): Promise<readonly SnapshotProblem[]> {
  const problems: SnapshotProblem[] = [];
  for (const group of await namesIn(directory)) {
    for (const name of (await namesIn(join(directory, group))).filter((each) => each.endsWith(manifestEnding))) {
      const file = join(group, name);
      const problem = await problemOf(join(directory, file));
      if (problem !== null) problems.push({ file, problem });
    }
  }
  return problems;
}

async function problemOf(path: string): Promise<string | null> {
  try {
    const manifest = parseManifest(await readFile(path, 'utf8'), path);
    if (manifest === null) return 'the manifest is damaged';
    for await (const _ of readAllVerified(path.slice(0, -manifestEnding.length) + dataEnding, manifest));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
