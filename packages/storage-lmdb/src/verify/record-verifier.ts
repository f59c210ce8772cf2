import type { GroupId, Index } from '@flotilla/core';
import type { PageRecord } from '../pages/walk-tree.ts';

/** A record that is not what was written. */
export interface RecordProblem {
  /** Null where it belongs to no group. */
  readonly group: GroupId | null;
  /** Null where it is no entry and no journal record. */
  readonly index: Index | null;
  readonly what: string;
}

export type OnProblem = (problem: RecordProblem) => void;

/** Finds a record of the same view of the file. */
export type FindRecord = (key: Uint8Array) => Uint8Array | undefined;

/** Checks the records of one view of a file, given in the order of their keys, one after the other. */
export interface RecordVerifier {
  add(record: PageRecord): void;
  /** Says that what was verified of the group before may have changed: it goes on with the next record, which may lie in its middle. */
  resume(group: GroupId, find: FindRecord): void;
}

export function keyOf({ page, keyStart, keyEnd }: PageRecord): Buffer {
  return page.subarray(keyStart, keyEnd);
}

export function recordOf({ value, valueStart, valueEnd }: PageRecord): Buffer {
  return value.subarray(valueStart, valueEnd);
}
