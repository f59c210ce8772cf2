import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** The files of failures: the one thing of a simulation that is not simulated. */
export interface SimulationFiles {
  /** The text of a file. */
  read(path: string): Promise<string>;
  /** Writes a file, replacing the one that is there; returns its path as people should see it. */
  write(name: string, text: string): Promise<string>;
}

/** Files in a directory, which is made once there is something to write. */
export function filesIn(directory: string): SimulationFiles {
  return {
    read: (path) => readFile(path, 'utf8'),
    write: async (name, text) => {
      const path = join(directory, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      return relative('.', path);
    },
  };
}
