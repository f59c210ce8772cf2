import { access, appendFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { invariant } from '@flotilla/core';
import type { RecordingFiles } from './recording-files.ts';

/** Characters that are written at a time. */
const pieceMin = 64 * 1024;

/** Commands are in recordings as they are in the log: nobody else needs to read them. */
const ownerOnly = 0o600;

/** Recordings as files of one directory, which is made where it is missing. */
export function recordingDirectory(directory: string): RecordingFiles {
  const pathOf = (name: string): string => {
    invariant(name === basename(name) && name !== '', `${name} is no plain file name`);
    return join(directory, name);
  };
  return {
    async replace(name, text) {
      const path = pathOf(name);
      const unfinished = `${path}.part`;
      await mkdir(directory, { recursive: true });
      try {
        await writeAll(unfinished, text);
        await rename(unfinished, path);
      } catch (error) {
        await rm(unfinished, { force: true });
        throw error;
      }
    },
    async append(name, text) {
      await mkdir(directory, { recursive: true });
      await appendFile(pathOf(name), text, { mode: ownerOnly });
    },
    exists(name) {
      return access(pathOf(name)).then(
        () => true,
        () => false,
      );
    },
    async rename(from, to) {
      try {
        await rename(pathOf(from), pathOf(to));
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    },
  };
}

/** In pieces, so that other work has its turn in between and memory holds one piece. */
async function writeAll(path: string, text: Iterable<string>): Promise<void> {
  const file = await open(path, 'w', ownerOnly);
  try {
    let piece = '';
    for (const each of text) {
      piece += each;
      if (piece.length < pieceMin) continue;
      await file.writeFile(piece);
      piece = '';
    }
    await file.writeFile(piece);
  } finally {
    await file.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
