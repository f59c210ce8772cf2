import type { Entry, GroupId, HardState, Index, Term } from '@flotilla/core';
import type { LogWrite } from '../log-store.ts';
import type { JournalRecord } from '../state-store.ts';

/** Bytes that depend on the index and the term, so that no two entries can be mistaken for each other. */
export function sampleBytes(index: Index, term: Term, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (index * 31 + term * 7 + i) % 256;
  return bytes;
}

/** An entry whose content follows from its index, term and length. Every third one is a no-op. */
export function sampleEntry(index: Index, term: Term, length = 8): Entry {
  return { index, term, time: 1_000 + index, kind: index % 3 === 0 ? 'no-op' : 'command', payload: sampleBytes(index, term, length) };
}

/** The entries `from`…`to`, all of one term. */
export function sampleEntries(from: Index, to: Index, term: Term, length = 8): Entry[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => sampleEntry(from + i, term, length));
}

export function append(group: GroupId, entries: readonly Entry[]): LogWrite {
  return { group, hardState: null, truncateAfter: null, entries };
}

export function truncate(group: GroupId, truncateAfter: Index, entries: readonly Entry[] = []): LogWrite {
  return { group, hardState: null, truncateAfter, entries };
}

export function vote(group: GroupId, hardState: HardState): LogWrite {
  return { group, hardState, truncateAfter: null, entries: [] };
}

export function sampleRecord(index: Index, length = 8, time = 1_000 + index): JournalRecord {
  return { index, term: 1, time, events: sampleBytes(index, 1, length) };
}

/** Stores may return any kind of byte array: `toEqual` tells a Buffer from a Uint8Array, this does not. */
export function plainEntries(entries: readonly Entry[]): Entry[] {
  return entries.map((entry) => ({ ...entry, payload: new Uint8Array(entry.payload) }));
}

export function plainRecords(records: readonly JournalRecord[]): JournalRecord[] {
  return records.map((record) => ({ ...record, events: new Uint8Array(record.events) }));
}
