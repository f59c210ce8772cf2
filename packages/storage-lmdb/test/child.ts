/*
 * A process that uses a data directory, to be killed. Usage: child <command> <directory> [argument]
 */
import { type Entry, foundingMembership, type Index } from '@flotilla/core';
import { isStorageError } from '@flotilla/storage';
import { type LmdbStorage, openLmdbStorage } from '../src/index.ts';

/** How many entries the batch with this number has: from one to more than lmdb queues before it starts to write. */
export function batchEntries(batch: number): number {
  return batch % 7 === 0 ? 1_500 : 1 + ((batch * 37) % 60);
}

/** Whether the log is to begin with the batch of this number from then on. */
export function compacts(batch: number): boolean {
  return batch > 1 && batch % 5 === 1;
}

export const identity = { clusterId: 'c', memberId: 1 };

function print(line: unknown): void {
  process.stdout.write(`${line}\n`);
}

function entries(from: Index, count: number, term: number, length = 100): Entry[] {
  const payload = new Uint8Array(length).fill(term % 256);
  return Array.from({ length: count }, (_, i) => ({ index: from + i, term, time: from + i, kind: 'command', payload }));
}

/**
 * Writes batch after batch, always several at a time: the same entries to two groups, with the batch's number as the term. Some of
 * them compact the log before them away.
 */
async function write({ logStore }: LmdbStorage): Promise<void> {
  const { hardState, log } = await logStore.recover(1);
  let last = log.lastIndex;
  const underWay: Promise<void>[] = [];
  for (let batch = hardState.term + 1; ; batch++) {
    const count = batchEntries(batch);
    const base = compacts(batch) ? { index: last, term: batch - 1, time: last, membership: foundingMembership([]) } : null;
    const part = { hardState: { term: batch, vote: null }, base, truncateAfter: null, entries: entries(last + 1, count, batch) };
    last += count;
    underWay.push(
      logStore
        .write([
          { group: 1, ...part },
          { group: 2, ...part },
        ])
        .then(() => print(batch)),
    );
    if (underWay.length >= 4) await underWay.shift();
  }
}

export const spaceKeys = 50;

/** Commits ten entries at a time, each with a record, and with a pair that it wrote in the space over the one of so many entries before. */
async function commit({ stateStore }: LmdbStorage): Promise<void> {
  const space = stateStore.space(1);
  for (let applied = stateStore.applied(1) + 10; ; applied += 10) {
    for (let index = applied - 9; index <= applied; index++) space.put(Uint8Array.of(index % spaceKeys), Buffer.from(String(index)));
    const records = Array.from({ length: 10 }, (_, i) => ({ index: applied - 9 + i, term: 1, time: applied, events: new Uint8Array(200) }));
    await stateStore.commit([{ group: 1, applied, records }]);
    await stateStore.flush();
    print(applied);
  }
}

/** Replaces the space again and again: each time all pairs say which time it was. */
async function install({ stateStore }: LmdbStorage): Promise<void> {
  async function* pairs(time: number) {
    for (let part = 0; part < 40; part++) {
      yield Array.from({ length: 100 }, (_, i) => [Buffer.from(`${part}/${i}`), Buffer.alloc(500, time)] as const);
    }
  }
  for (let time = 1; ; time++) {
    const installed = stateStore.install(1, 1_000 * time, pairs(time));
    print(`begun ${time}`);
    await installed;
    print(`done ${time}`);
  }
}

/** Writes until the disk refuses, and tells how everything fails from then on. */
async function fill({ logStore, close }: LmdbStorage): Promise<void> {
  const unhandled: string[] = [];
  process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
  const codeOf = (error: unknown) => (isStorageError(error) ? error.code : String(error));
  let acknowledged = 0;
  for (let index = 1; ; index += 10) {
    const write = (from: Index) =>
      logStore.write([{ group: 1, hardState: null, base: null, truncateAfter: null, entries: entries(from, 10, 1, 10_000) }]);
    const first = write(index);
    // On its way when the first one fails, in a transaction of its own.
    const second = new Promise((resolve) => setImmediate(resolve)).then(() => write(index + 10));
    const outcomes = await Promise.allSettled([first, second]);
    const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [codeOf(outcome.reason)] : []));
    acknowledged += 10 * (2 - failures.length);
    index += 10;
    if (failures.length === 0) continue;
    const later = await Promise.allSettled([write(index + 10), logStore.recover(1)]);
    for (const outcome of later) failures.push(outcome.status === 'rejected' ? codeOf(outcome.reason) : 'fulfilled');
    try {
      logStore.read(1, 1, 1, 1);
    } catch (error) {
      failures.push(codeOf(error));
    }
    await close();
    await new Promise((resolve) => setImmediate(resolve));
    print(JSON.stringify({ acknowledged, failures: [...new Set(failures)], unhandled }));
    return;
  }
}

async function hold(): Promise<void> {
  print('ready');
  process.stdin.resume();
}

const commands: Readonly<Record<string, (storage: LmdbStorage) => Promise<void>>> = { write, commit, install, fill, hold };

async function main(command: string, directory: string): Promise<void> {
  try {
    const storage = await openLmdbStorage({ directory, identity, flushDelayMs: 0 });
    await commands[command]?.(storage);
  } catch (error) {
    print(isStorageError(error) ? `${error.code}: ${error.message}` : String(error));
  }
}

const [command, directory] = process.argv.slice(2);
if (process.env.FLOTILLA_CHILD && command && directory) await main(command, directory);
