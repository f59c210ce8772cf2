import { createHash } from 'node:crypto';
import type { Entry, GroupId, MemberInfo, Membership, Message, SnapshotInfo } from '@flotilla/core';
import type { GroupMessage } from '../transport.ts';
import { encodeFrames } from '../wire/frame.ts';

const max = Number.MAX_SAFE_INTEGER;

/** Bytes that depend on `seed`, so that no two samples can be mistaken for each other. */
export function sampleBytes(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (seed * 31 + i * 7 + (i >>> 8)) % 256;
  return bytes;
}

function entry(index: number, kind: Entry['kind'], length: number): Entry {
  return { index, term: 3, time: 1_790_000_000_123, kind, payload: sampleBytes(index, length) };
}

function member(id: number, voter: boolean, witness: boolean): MemberInfo {
  return { id, peerAddress: `hôst-${id}.example.org:7001`, clientAddress: `[::${id}]:7002`, voter, witness, priority: id * 10 };
}

const founded: Membership = { members: [member(1, true, false), member(2, true, true)], outgoing: null, pending: null, highestId: 2 };
const joint: Membership = {
  members: [...founded.members, member(0xffff_ffff, false, false)],
  outgoing: founded.members,
  pending: { promote: [0xffff_ffff], remove: [1, 2] },
  highestId: 0xffff_ffff,
};

const snapshot: SnapshotInfo = {
  id: 'sha256-'.padEnd(64, '0a'),
  index: 2 ** 40,
  term: 3,
  time: 1_790_000_000_123,
  size: max,
  membership: founded,
  machine: { name: 'key-value, ∞', version: max },
};

/** For every kind of message some samples, the limits of its fields among them. */
export const samplesByKind: { readonly [K in Message['kind']]: readonly Extract<Message, { kind: K }>[] } = {
  'pre-vote': [{ kind: 'pre-vote', term: max, lastIndex: 2 ** 33, lastTerm: 2 ** 32 }],
  'pre-vote-reply': [
    { kind: 'pre-vote-reply', term: 7, granted: true },
    { kind: 'pre-vote-reply', term: 8, granted: false },
  ],
  'request-vote': [
    { kind: 'request-vote', term: 1, lastIndex: 0, lastTerm: 0, transfer: false },
    { kind: 'request-vote', term: max, lastIndex: 2 ** 32, lastTerm: 2 ** 32 - 1, transfer: true },
  ],
  'vote-reply': [
    { kind: 'vote-reply', term: 7, granted: true },
    { kind: 'vote-reply', term: 8, granted: false },
  ],
  'timeout-now': [{ kind: 'timeout-now', term: 9 }],
  append: [
    { kind: 'append', term: 3, prevIndex: 0, prevTerm: 0, commit: 0, entries: [] },
    {
      kind: 'append',
      term: 3,
      prevIndex: 9,
      prevTerm: 2,
      commit: 8,
      entries: [entry(10, 'no-op', 0), entry(11, 'command', 1), entry(12, 'membership', 70_000)],
    },
    {
      kind: 'append',
      term: max,
      prevIndex: max - 1,
      prevTerm: max,
      commit: max,
      entries: [{ index: max, term: max, time: max, kind: 'command', payload: sampleBytes(1, 5) }],
    },
  ],
  'append-accepted': [{ kind: 'append-accepted', term: 3, matchIndex: 12 }],
  'append-rejected': [{ kind: 'append-rejected', term: 4, prevIndex: 9, hintIndex: 5, hintTerm: 1 }],
  heartbeat: [
    { kind: 'heartbeat', term: 3, commit: 12, round: 0, quiesce: false },
    { kind: 'heartbeat', term: 3, commit: 12, round: max, quiesce: true },
  ],
  'heartbeat-reply': [{ kind: 'heartbeat-reply', term: 3, round: 2 ** 40, loyalMs: 500 }],
  'snapshot-chunk': [
    { kind: 'snapshot-chunk', term: 3, snapshot, offset: 2 ** 33, bytes: sampleBytes(6, 70_000), checksum: 0xffff_ffff },
    { kind: 'snapshot-chunk', term: 3, snapshot: { ...snapshot, membership: joint }, offset: 0, bytes: sampleBytes(7, 0), checksum: 0 },
  ],
  'snapshot-reply': [{ kind: 'snapshot-reply', term: 3, snapshotId: snapshot.id, offset: max }],
  'read-index': [{ kind: 'read-index', id: 17 }],
  'read-index-reply': [
    { kind: 'read-index-reply', id: 17, answer: { index: 12 } },
    { kind: 'read-index-reply', id: 18, answer: { reason: 'overloaded' } },
    { kind: 'read-index-reply', id: 19, answer: { index: 0 } },
  ],
  propose: [
    { kind: 'propose', id: 5, payloads: [sampleBytes(1, 0), sampleBytes(2, 300), sampleBytes(3, 1)] },
    { kind: 'propose', id: 6, payloads: [sampleBytes(4, 0)] },
  ],
  'propose-reply': [
    { kind: 'propose-reply', id: 5, answer: { position: { firstIndex: 13, term: 3 } } },
    { kind: 'propose-reply', id: 6, answer: { reason: 'leadership_lost' } },
    { kind: 'propose-reply', id: 7, answer: { reason: 'no_leader' } },
  ],
};

/** All samples, spread over several groups. */
export const sampleMessages: readonly GroupMessage[] = Object.values(samplesByKind)
  .flat()
  .map((message, i) => ({ group: i % 3 === 0 ? 0xffff_ffff : (i % 3) + 1, message }));

/** A small message that carries a number. */
export function numbered(id: number, group: GroupId = 1): GroupMessage {
  return { group, message: { kind: 'read-index', id } };
}

/** A message that carries a number and `length` bytes that follow from it. */
export function numberedBytes(id: number, length: number): GroupMessage {
  return { group: 1, message: { kind: 'propose', id, payloads: [sampleBytes(id, length)] } };
}

/** Equal for equal messages: quicker to compare than mebibytes of them. */
export function digest(messages: readonly GroupMessage[]): string {
  return createHash('sha256').update(encodeFrames(messages)).digest('hex');
}
