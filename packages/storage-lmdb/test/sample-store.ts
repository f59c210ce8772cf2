import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Entry, encodeMembership, foundingMembership } from '@flotilla/core';
import { openLmdbStorage } from '../src/index.ts';

export const sampleIdentity = { clusterId: 'sample', memberId: 1 };
export const sampleEntries: readonly Entry[] = Array.from({ length: 120 }, (_, i) => sampleEntry(i + 1));

function sampleEntry(index: number): Entry {
  const [term, time] = [index <= 60 ? 2 : 5, 1_000 + index];
  if (index === 70) return { index, term, time, kind: 'membership', payload: encodeMembership(foundingMembership([])) };
  return { index, term, time, kind: 'command', payload: new Uint8Array(index % 40 === 0 ? 9_000 : 20 * (index % 9)).fill(index) };
}

/** What the sample store holds behind its beginning at entry 20, with events of some entries. */
export async function createSampleStore(directory: string): Promise<void> {
  const { logStore, stateStore, close } = await openLmdbStorage({ directory, identity: sampleIdentity, flushDelayMs: 0 });
  const write = { group: 1, hardState: null, base: null, truncateAfter: null, entries: [] };
  await logStore.write([{ ...write, hardState: { term: 5, vote: 1 }, entries: sampleEntries.slice(0, 60) }]);
  await logStore.write([{ ...write, base: { index: 20, term: 2, time: 1_020, membership: foundingMembership([]) } }]);
  await logStore.write([{ ...write, entries: sampleEntries.slice(60) }]);
  for (const to of [40, 80, 110]) {
    const records = [to - 20, to].map((index) => ({ index, term: 2, time: 1_000 + index, events: new Uint8Array(index * 3).fill(index) }));
    await stateStore.commit([{ group: 1, applied: to, records }]);
    await stateStore.flush();
  }
  await close();
}

/** Copies a directory, and changes one file of the copy. */
export async function copyChanged(from: string, to: string, file: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true });
  await writeFile(join(to, file), change(await readFile(join(from, file)).catch(() => Buffer.alloc(0))));
}
