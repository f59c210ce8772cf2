import { crc32 } from 'node:zlib';
import {
  decodeMembership,
  type Entry,
  type EntryKind,
  encodeMembership,
  type GroupId,
  type HardState,
  type Index,
  type LogBase,
  type Term,
} from '@flotilla/core';
import { asBuffer, checksumBytes, isSealed, seal } from './checksum.ts';

/*
 * An entry:     checksum (4), chain (4), length of the record (4), kind (1), index (6), term (6), log time (8, float), payload
 * A hard state: checksum (4), generation (6), flags (1), term (6), vote (4, 0 for none)
 * A beginning:  checksum (4), chain (4), index (6), term (6), log time (8, float), membership (as in the payload of an entry)
 * A rollback:   checksum (4), generation (6), term (6)
 *
 * The index is in the key and in the record, so that a record under another's key is found out; the chain is the checksum of the record
 * before, so that one is found out that belongs to another history. A beginning has the checksum of the entry that it stands for, or
 * what `chainStart` gives where there was none. Little endian.
 */

const chainAt = checksumBytes;
const lengthAt = chainAt + 4;
const kindAt = lengthAt + 4;
const indexAt = kindAt + 1;
const termAt = indexAt + 6;
const timeAt = termAt + 6;
const payloadAt = timeAt + 8;

const generationAt = checksumBytes;
const flagsAt = generationAt + 6;
const hardStateBytes = flagsAt + 1 + 6 + 4;
const recoveringFlag = 1;

const baseIndexAt = chainAt + 4;
const baseTermAt = baseIndexAt + 6;
const baseTimeAt = baseTermAt + 6;
const baseMembershipAt = baseTimeAt + 8;

const rollbackBytes = generationAt + 6 + 6;

const kindToByte: { readonly [K in EntryKind]: number } = { command: 1, 'no-op': 2, membership: 3 };
const byteToKind: readonly (EntryKind | undefined)[] = [undefined, 'command', 'no-op', 'membership'];

/** Records of consecutive entries: slices of one piece of memory. */
export interface EncodedEntries {
  readonly records: readonly Buffer[];
  /** Their checksums. */
  readonly checksums: Uint32Array;
}

/** What a record of an entry says besides its payload. */
export interface EntryHeader extends Omit<Entry, 'payload'> {
  /** The checksum of the record before. */
  readonly chain: number;
  readonly checksum: number;
}

export interface StoredHardState {
  readonly hardState: HardState;
  /** That of the directory when it was written. */
  readonly generation: number;
}

export interface StoredBase {
  readonly base: LogBase;
  /** What the chain of the first entry behind it is. */
  readonly chain: number;
}

/** From this generation on the log knows that it was replaced by an older copy of itself, at a time when the member had this term. */
export interface Rollback {
  readonly generation: number;
  readonly term: Term;
}

/** The chain of the first entry of a log that begins with no entry, but with what a group was founded with or a snapshot. */
export function chainStart(group: GroupId, index: Index, term: Term): number {
  const bytes = Buffer.alloc(12);
  bytes.writeUIntLE(index, 0, 6);
  bytes.writeUIntLE(term, 6, 6);
  return crc32(bytes, group);
}

/** `chain` is the checksum of the record before the first one. */
export function encodeEntries(group: GroupId, entries: readonly Entry[], chain: number): EncodedEntries {
  let total = 0;
  for (const { payload } of entries) total += payloadAt + payload.length;
  const buffer = Buffer.allocUnsafeSlow(total);
  const checksums = new Uint32Array(entries.length);
  let start = 0;
  let previous = chain;
  const records = entries.map((entry, i) => {
    const end = start + payloadAt + entry.payload.length;
    buffer.writeUInt32LE(previous, start + chainAt);
    buffer.writeUInt32LE(end - start, start + lengthAt);
    buffer[start + kindAt] = kindToByte[entry.kind];
    buffer.writeUIntLE(entry.index, start + indexAt, 6);
    buffer.writeUIntLE(entry.term, start + termAt, 6);
    buffer.writeDoubleLE(entry.time, start + timeAt);
    buffer.set(entry.payload, start + payloadAt);
    seal(buffer, start, end, group);
    previous = checksums[i] = buffer.readUInt32LE(start);
    const record = buffer.subarray(start, end);
    start = end;
    return record;
  });
  return { records, checksums };
}

/** Verifies the record that lies in `buffer` at `start`…`end`; undefined where it is not what was written there. */
export function entryHeader(group: GroupId, index: Index, buffer: Buffer, start = 0, end = buffer.length): EntryHeader | undefined {
  if (end - start < payloadAt || buffer.readUInt32LE(start + lengthAt) !== end - start) return undefined;
  const checksum = buffer.readUInt32LE(start);
  const sealed = new Uint8Array(buffer.buffer, buffer.byteOffset + start + checksumBytes, end - start - checksumBytes);
  if (crc32(sealed, group) !== checksum || buffer.readUIntLE(start + indexAt, 6) !== index) return undefined;
  const kind = byteToKind[buffer[start + kindAt] ?? 0];
  if (!kind) return undefined;
  const term = buffer.readUIntLE(start + termAt, 6);
  return { index, term, time: buffer.readDoubleLE(start + timeAt), kind, chain: buffer.readUInt32LE(start + chainAt), checksum };
}

/** The payload of a record that was verified: a slice. */
export function payloadOf(buffer: Buffer, start = 0, end = buffer.length): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset + start + payloadAt, end - start - payloadAt);
}

export function encodeHardState(group: GroupId, { term, vote, recovering }: HardState, generation: number): Buffer {
  const record = Buffer.allocUnsafeSlow(hardStateBytes);
  record.writeUIntLE(generation, generationAt, 6);
  record[flagsAt] = recovering ? recoveringFlag : 0;
  record.writeUIntLE(term, flagsAt + 1, 6);
  record.writeUInt32LE(vote ?? 0, flagsAt + 7);
  seal(record, 0, hardStateBytes, group);
  return record;
}

export function decodeHardState(group: GroupId, bytes: Uint8Array): StoredHardState | undefined {
  const record = asBuffer(bytes);
  if (record.length !== hardStateBytes || !isSealed(record, group)) return undefined;
  const flags = record[flagsAt] ?? 0;
  if (flags > recoveringFlag) return undefined;
  const term = record.readUIntLE(flagsAt + 1, 6);
  const vote = record.readUInt32LE(flagsAt + 7) || null;
  const hardState = flags === recoveringFlag ? { term, vote, recovering: true as const } : { term, vote };
  return { hardState, generation: record.readUIntLE(generationAt, 6) };
}

export function encodeBase(group: GroupId, { index, term, time, membership }: LogBase, chain: number): Buffer {
  const payload = encodeMembership(membership);
  const record = Buffer.allocUnsafeSlow(baseMembershipAt + payload.length);
  record.writeUInt32LE(chain, chainAt);
  record.writeUIntLE(index, baseIndexAt, 6);
  record.writeUIntLE(term, baseTermAt, 6);
  record.writeDoubleLE(time, baseTimeAt);
  record.set(payload, baseMembershipAt);
  seal(record, 0, record.length, group);
  return record;
}

/** The beginning in a record, or undefined where the record is not what was written there. Throws for no membership. */
export function decodeBase(group: GroupId, bytes: Uint8Array): StoredBase | undefined {
  const record = asBuffer(bytes);
  if (record.length < baseMembershipAt || !isSealed(record, group)) return undefined;
  const base = {
    index: record.readUIntLE(baseIndexAt, 6),
    term: record.readUIntLE(baseTermAt, 6),
    time: record.readDoubleLE(baseTimeAt),
    membership: decodeMembership(record.subarray(baseMembershipAt)),
  };
  return { base, chain: record.readUInt32LE(chainAt) };
}

export function encodeRollback({ generation, term }: Rollback): Buffer {
  const record = Buffer.allocUnsafeSlow(rollbackBytes);
  record.writeUIntLE(generation, generationAt, 6);
  record.writeUIntLE(term, generationAt + 6, 6);
  seal(record, 0, rollbackBytes, 0);
  return record;
}

export function decodeRollback(bytes: Uint8Array): Rollback | undefined {
  const record = asBuffer(bytes);
  if (record.length !== rollbackBytes || !isSealed(record, 0)) return undefined;
  return { generation: record.readUIntLE(generationAt, 6), term: record.readUIntLE(generationAt + 6, 6) };
}
