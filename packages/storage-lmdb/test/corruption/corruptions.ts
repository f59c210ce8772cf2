import {
  closeSync,
  copyFileSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../faults/random.ts';

/** Data directories of stopped members: what gets damaged, what it was earlier, and another member's. */
export interface Directories {
  readonly healthy: string;
  readonly older: string;
  readonly other: string;
}

const files = ['log.mdb', 'log.mdb', 'log.mdb', 'log.mdb', 'state.mdb', 'state.mdb', 'identity.json', 'peers.json'] as const;

type Kind = 'bits' | 'zeroed' | 'garbage' | 'truncated' | 'emptied' | 'deleted' | 'older' | 'swapped' | 'directory older';
const kinds: readonly (readonly [Kind, number])[] = [
  ['bits', 40],
  ['zeroed', 14],
  ['garbage', 8],
  ['truncated', 12],
  ['emptied', 4],
  ['deleted', 4],
  ['older', 9],
  ['swapped', 5],
  ['directory older', 4],
];

export interface Corruption {
  readonly kind: Kind;
  /** What was damaged, and where, for people. */
  readonly what: string;
}

/** Damages `directory`, which is a copy of the healthy one, in one way. The same numbers damage it in the same way. */
export function corrupt(directory: string, { older, other }: Directories, random: Random): Corruption {
  const kind = weighted(kinds, random);
  const name = random.pick(files);
  const file = join(directory, name);
  const { size } = statSync(file);
  switch (kind) {
    case 'bits': {
      const places = Array.from({ length: 1 + random.below(3) }, () => random.below(size));
      for (const place of places) overwrite(file, place, (byte) => byte ^ (1 << random.below(8)), 1);
      return { kind, what: `${name}: a bit at ${places.join(', ')}` };
    }
    case 'zeroed':
    case 'garbage': {
      const start = 512 * random.below(Math.ceil(size / 512));
      const length = Math.min(512 * (1 + random.below(8)), size - start);
      overwrite(file, start, () => (kind === 'zeroed' ? 0 : random.below(256)), length);
      return { kind, what: `${name}: ${length} bytes at ${start}` };
    }
    case 'truncated': {
      const length = random.chance(0.3) ? size - 1 - random.below(Math.min(size, 8192)) : random.below(size);
      truncateSync(file, length);
      return { kind, what: `${name}: to ${length} of ${size} bytes` };
    }
    case 'emptied':
      truncateSync(file, 0);
      return { kind, what: name };
    case 'deleted':
      rmSync(file);
      return { kind, what: name };
    case 'older':
      copyFileSync(join(older, name), file);
      return { kind, what: name };
    case 'swapped':
      copyFileSync(join(other, name), file);
      return { kind, what: `${name}: with another member's` };
    case 'directory older':
      replaceDirectory(directory, older);
      return { kind, what: 'all files' };
  }
}

/** Makes `directory` the same as `source`, without what comes and goes with a process. */
export function replaceDirectory(directory: string, source: string): void {
  if (existsSync(directory)) for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
  cpSync(source, directory, { recursive: true, filter: (name) => !/(-lock|holder\.json)$/.test(name) });
}

function overwrite(file: string, at: number, change: (byte: number) => number, length: number): void {
  const descriptor = openSync(file, 'r+');
  try {
    const bytes = Buffer.alloc(length);
    readSync(descriptor, bytes, 0, length, at);
    writeSync(descriptor, bytes.map(change), 0, length, at);
  } finally {
    closeSync(descriptor);
  }
}

function weighted<T>(choices: readonly (readonly [T, number])[], random: Random): T {
  let left = random.below(choices.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [choice, weight] of choices) {
    if (left < weight) return choice;
    left -= weight;
  }
  throw new Error('there is nothing to choose from');
}
