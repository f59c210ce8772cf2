import { createHash } from 'node:crypto';
import { foundingMembership, isFlotillaError, type SnapshotInfo } from '@flotilla/core';
import type { SnapshotStore } from '@flotilla/snapshot';
import { FileSnapshotStore } from '@flotilla/snapshot/file';
import { Random } from './random.ts';

const group = 1;
const partBytes = 64 * 1024;

const openSnapshots = (directory: string) => new FileSnapshotStore({ directory, cluster: 'known' });

/** The state of the snapshot with this number. */
function stateOf(seed: number, number: number): Buffer {
  const random = new Random(seed, number);
  const state = Buffer.alloc(1 + random.below(500_000));
  for (let i = 0; i + 4 <= state.length; i += 4) state.writeUInt32LE(random.below(2 ** 32), i);
  return state;
}

function infoOf(number: number, state: Buffer): SnapshotInfo {
  const id = createHash('sha256').update(state).digest('hex');
  const machine = { name: 'known', version: 1 };
  return { id, size: state.length, index: number, term: number, time: number, membership: foundingMembership([]), machine };
}

async function* partsOf(state: Buffer): AsyncGenerator<Buffer, void, void> {
  for (let at = 0; at < state.length; at += partBytes) yield state.subarray(at, at + partBytes);
}

/** Every second snapshot comes as from a leader, part by part. */
async function keep(store: SnapshotStore, seed: number, number: number): Promise<boolean> {
  const state = stateOf(seed, number);
  const { id, size, ...position } = infoOf(number, state);
  if (number % 2 === 1) return (await store.save(group, position, partsOf(state))).id === id;
  const info = { id, size, ...position };
  let offset = 0;
  for await (const part of partsOf(state)) {
    await store.receive(group, info, offset, part);
    offset += part.length;
  }
  return store.complete(group, info);
}

/** Keeps the snapshots 1 to `count`, one after the other. One that fails is told, and the next one is tried all the same. */
export async function keepSnapshots(
  directory: string,
  seed: number,
  count: number,
  { written, failed }: { written(number: number): void; failed(code: string, message: string): void },
): Promise<void> {
  const store = openSnapshots(directory);
  for (let number = 1; number <= count; number++) {
    try {
      if (await keep(store, seed, number)) written(number);
      else failed('incomplete', `snapshot ${number} did not arrive as it was sent`);
    } catch (error) {
      failed(isFlotillaError(error) ? error.code : 'unknown', isFlotillaError(error) ? `${error.message} ${error.hint}` : String(error));
    }
  }
}

/** What a store lost of the snapshots up to `written`, or has wrong; null where nothing. It goes on afterwards. */
export async function wrongSnapshots(directory: string, seed: number, written: number): Promise<string | null> {
  const store = openSnapshots(directory);
  const newest = await store.newest(group);
  const number = newest?.index ?? 0;
  if (number < written) return `snapshot ${written} was kept, the newest is ${number}`;
  if (newest !== null && !(await holds(store, seed, newest))) return `snapshot ${number} is not what was kept`;
  if (!(await keep(store, seed, number + 1))) return `snapshot ${number + 1} could not be kept`;
  const next = await store.newest(group);
  return next?.index === number + 1 && (await holds(store, seed, next)) ? null : `snapshot ${number + 1} is not there`;
}

async function holds(store: SnapshotStore, seed: number, { id, index }: SnapshotInfo): Promise<boolean> {
  const parts: Uint8Array[] = [];
  for await (const part of store.load(group, id)) parts.push(Uint8Array.from(part));
  return Buffer.concat(parts).equals(stateOf(seed, index));
}
