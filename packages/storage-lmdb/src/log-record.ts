import {
  decodeMembership,
  type Entry,
  type EntryKind,
  encodeMembership,
  type GroupId,
  type HardState,
  type Index,
  type LogBase,
} from '@flotilla/core';
import { asBuffer, checksumBytes, isSealed, seal } from './checksum.ts';

/*
 * An entry:     checksum (4), kind (1), index (6), term (6), log time (8, float), payload
 * A hard state: checksum (4), term (6), vote (4, 0 for none)
 * A beginning:  checksum (4), index (6), term (6), log time (8, float), membership (as in the payload of an entry)
 *
 * The index is in the key and in the record, so that a record under another's key is found out. Little endian.
 */

const kindAt = checksumBytes;
const indexAt = kindAt + 1;
const termAt = indexAt + 6;
const timeAt = termAt + 6;
const payloadAt = timeAt + 8;
const hardStateBytes = checksumBytes + 6 + 4;
const baseIndexAt = checksumBytes;
const baseTermAt = baseIndexAt + 6;
const baseTimeAt = baseTermAt + 6;
const baseMembershipAt = baseTimeAt + 8;

const kindToByte: { readonly [K in EntryKind]: number } = { command: 1, 'no-op': 2, membership: 3 };
const byteToKind = new Map<number, EntryKind>(Object.entries(kindToByte).map(([kind, byte]) => [byte, kind as EntryKind]));

/** One record for each entry, all of them slices of one piece of memory. */
export function encodeEntries(group: GroupId, entries: readonly Entry[]): readonly Buffer[] {
  let total = 0;
  for (const { payload } of entries) total += payloadAt + payload.length;
  const buffer = Buffer.allocUnsafeSlow(total);
  let start = 0;
  return entries.map((entry) => {
    const end = start + payloadAt + entry.payload.length;
    buffer[start + kindAt] = kindToByte[entry.kind];
    buffer.writeUIntLE(entry.index, start + indexAt, 6);
    buffer.writeUIntLE(entry.term, start + termAt, 6);
    buffer.writeDoubleLE(entry.time, start + timeAt);
    buffer.set(entry.payload, start + payloadAt);
    seal(buffer, start, end, group);
    const record = buffer.subarray(start, end);
    start = end;
    return record;
  });
}

/** The entry in a record, or undefined where the record is not what was written there. Its payload is a slice. */
export function decodeEntry(group: GroupId, index: Index, bytes: Uint8Array): Entry | undefined {
  const record = asBuffer(bytes);
  if (record.length < payloadAt || !isSealed(record, group) || record.readUIntLE(indexAt, 6) !== index) return undefined;
  const kind = byteToKind.get(record[kindAt] ?? 0);
  if (!kind) return undefined;
  return { index, term: record.readUIntLE(termAt, 6), time: record.readDoubleLE(timeAt), kind, payload: record.subarray(payloadAt) };
}

export function encodeHardState(group: GroupId, { term, vote }: HardState): Buffer {
  const record = Buffer.allocUnsafeSlow(hardStateBytes);
  record.writeUIntLE(term, checksumBytes, 6);
  record.writeUInt32LE(vote ?? 0, checksumBytes + 6);
  seal(record, 0, hardStateBytes, group);
  return record;
}

export function decodeHardState(group: GroupId, bytes: Uint8Array): HardState | undefined {
  const record = asBuffer(bytes);
  if (record.length !== hardStateBytes || !isSealed(record, group)) return undefined;
  return { term: record.readUIntLE(checksumBytes, 6), vote: record.readUInt32LE(checksumBytes + 6) || null };
}

export function encodeBase(group: GroupId, { index, term, time, membership }: LogBase): Buffer {
  const payload = encodeMembership(membership);
  const record = Buffer.allocUnsafeSlow(baseMembershipAt + payload.length);
  record.writeUIntLE(index, baseIndexAt, 6);
  record.writeUIntLE(term, baseTermAt, 6);
  record.writeDoubleLE(time, baseTimeAt);
  record.set(payload, baseMembershipAt);
  seal(record, 0, record.length, group);
  return record;
}

/** The beginning in a record, or undefined where the record is not what was written there. Throws for no membership. */
export function decodeBase(group: GroupId, bytes: Uint8Array): LogBase | undefined {
  const record = asBuffer(bytes);
  if (record.length < baseMembershipAt || !isSealed(record, group)) return undefined;
  return {
    index: record.readUIntLE(baseIndexAt, 6),
    term: record.readUIntLE(baseTermAt, 6),
    time: record.readDoubleLE(baseTimeAt),
    membership: decodeMembership(record.subarray(baseMembershipAt)),
  };
}
