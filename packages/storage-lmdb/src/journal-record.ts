import type { GroupId, Index } from '@flotilla/core';
import type { JournalExtent, JournalRecord } from '@flotilla/storage';
import { asBuffer, checksumBytes, isSealed, seal } from './checksum.ts';

/*
 * A journal record: checksum (4), index (6), term (6), log time (8, float), events
 * A group's state:  checksum (4), applied (6), journal start (6), records (6), bytes (6), generation of the space (6)
 *
 * Little endian.
 */

const indexAt = checksumBytes;
const termAt = indexAt + 6;
const timeAt = termAt + 6;
const eventsAt = timeAt + 8;
const stateBytes = checksumBytes + 5 * 6;

/** What the state file says of a group besides its records. */
export interface StoredState {
  readonly applied: Index;
  readonly extent: JournalExtent;
  /** Which pairs in the file are those of its space. */
  readonly generation: number;
}

export function encodeJournalRecord(group: GroupId, { index, term, time, events }: JournalRecord): Buffer {
  const record = Buffer.allocUnsafeSlow(eventsAt + events.length);
  record.writeUIntLE(index, indexAt, 6);
  record.writeUIntLE(term, termAt, 6);
  record.writeDoubleLE(time, timeAt);
  record.set(events, eventsAt);
  seal(record, 0, record.length, group);
  return record;
}

/** The journal record in these bytes, or undefined where they are not what was written. Its events are a slice. */
export function decodeJournalRecord(group: GroupId, index: Index, bytes: Uint8Array): JournalRecord | undefined {
  const record = asBuffer(bytes);
  if (record.length < eventsAt || !isSealed(record, group) || record.readUIntLE(indexAt, 6) !== index) return undefined;
  return { index, term: record.readUIntLE(termAt, 6), time: record.readDoubleLE(timeAt), events: record.subarray(eventsAt) };
}

export function encodeState(group: GroupId, { applied, extent, generation }: StoredState): Buffer {
  const record = Buffer.allocUnsafeSlow(stateBytes);
  for (const [i, value] of [applied, extent.start, extent.records, extent.bytes, generation].entries())
    record.writeUIntLE(value, checksumBytes + 6 * i, 6);
  seal(record, 0, stateBytes, group);
  return record;
}

export function decodeState(group: GroupId, bytes: Uint8Array): StoredState | undefined {
  const record = asBuffer(bytes);
  if (record.length !== stateBytes || !isSealed(record, group)) return undefined;
  const at = (i: number) => record.readUIntLE(checksumBytes + 6 * i, 6);
  return { applied: at(0), extent: { start: at(1), records: at(2), bytes: at(3) }, generation: at(4) };
}
