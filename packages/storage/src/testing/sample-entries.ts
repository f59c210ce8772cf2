import {
  type Entry,
  type EntryKind,
  encodeMembership,
  foundingMembership,
  type GroupId,
  type HardState,
  type Index,
  type LogBase,
  type Membership,
  type Term,
} from '@flotilla/core';
import type { LogWrite } from '../log-store.ts';
import type { JournalRecord } from '../state-store.ts';

/** Bytes that depend on the index and the term, so that no two entries can be mistaken for each other. */
export function sampleBytes(index: Index, term: Term, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (index * 31 + term * 7 + i) % 256;
  return bytes;
}

/** An entry whose content follows from its index, term and length. Every third one is a no-op, every eleventh a membership. */
export function sampleEntry(index: Index, term: Term, length = 8): Entry {
  const kind = kindAt(index);
  const payload = kind === 'membership' ? encodeMembership(sampleMembership(index, term)) : sampleBytes(index, term, length);
  return { index, term, time: 1_000 + index, kind, payload };
}

function kindAt(index: Index): EntryKind {
  if (index % 11 === 0) return 'membership';
  return index % 3 === 0 ? 'no-op' : 'command';
}

/** A membership that could be no other entry's. */
export function sampleMembership(index: Index, term: Term): Membership {
  const members = [1, 2, 3].map((id) => ({
    id,
    peerAddress: `näme-${index}:${term}`,
    clientAddress: `127.0.0.1:${7000 + id}`,
    voter: id !== 3,
    witness: false,
    priority: 0,
  }));
  return { ...foundingMembership(members), pending: { promote: [3], remove: [] } };
}

/** A beginning of the log whose content follows from its index and term. */
export function sampleBase(index: Index, term: Term): LogBase {
  return { index, term, time: 1_000.5 + index, membership: sampleMembership(index, term) };
}

/** The entries `from`…`to`, all of one term. */
export function sampleEntries(from: Index, to: Index, term: Term, length = 8): Entry[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => sampleEntry(from + i, term, length));
}

export function append(group: GroupId, entries: readonly Entry[]): LogWrite {
  return { group, hardState: null, base: null, truncateAfter: null, entries };
}

export function truncate(group: GroupId, truncateAfter: Index, entries: readonly Entry[] = []): LogWrite {
  return { group, hardState: null, base: null, truncateAfter, entries };
}

export function vote(group: GroupId, hardState: HardState): LogWrite {
  return { group, hardState, base: null, truncateAfter: null, entries: [] };
}

export function compact(group: GroupId, base: LogBase, entries: readonly Entry[] = []): LogWrite {
  return { group, hardState: null, base, truncateAfter: null, entries };
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
