import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foundingMembership, type SnapshotInfo } from '@flotilla/core';
import { onTestFinished } from 'vitest';
import { FileSnapshotStore } from '../src/file/index.ts';
import type { SnapshotPosition, SnapshotStore } from '../src/index.ts';

/** A directory of its own for each test, which goes when the test is over. */
export async function newPlace(): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'flotilla-snapshots-'));
  onTestFinished(() => rm(place, { recursive: true }));
  return place;
}

export function storeIn(directory: string, onDamaged: (what: string) => void = () => {}): FileSnapshotStore {
  return new FileSnapshotStore({ directory, cluster: 'blue', onDamaged });
}

export function position(index: number): SnapshotPosition {
  const member = { id: 1, peerAddress: 'p', clientAddress: 'c', voter: true, witness: false, priority: 0 };
  return { index, term: 2, time: 1000 + index, membership: foundingMembership([member]), machine: { name: 'list', version: 3 } };
}

/** Bytes that differ with `index`. */
export function stateOf(index: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + index * 7 + (i >>> 9)) % 256);
}

export function infoOf(index: number, bytes: Uint8Array): SnapshotInfo {
  return { ...position(index), id: createHash('sha256').update(bytes).digest('hex'), size: bytes.length };
}

export async function* inParts(bytes: Uint8Array, partBytes = 100_000): AsyncGenerator<Uint8Array, void, void> {
  for (let offset = 0; offset < bytes.length; offset += partBytes) yield bytes.subarray(offset, offset + partBytes);
}

/** The newest snapshot and its bytes, which have to be what its name says. */
export async function newestOf(store: SnapshotStore): Promise<{ readonly info: SnapshotInfo; readonly bytes: Buffer } | null> {
  const info = await store.newest(1);
  if (info === null) return null;
  const parts: Uint8Array[] = [];
  for await (const part of store.load(1, info.id)) parts.push(part);
  return { info, bytes: Buffer.concat(parts) };
}

export function fileNames(directory: string): Promise<string[]> {
  return readdir(join(directory, 'group-1'));
}
