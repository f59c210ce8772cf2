import { type GroupId, type Index, invariant } from '@flotilla/core';
import type { JournalRecord, JournalRetention, StateCommit } from './state-store.ts';
import { StorageError } from './storage-error.ts';

/** How much a journal holds: what retention needs to know of it. */
export interface JournalExtent {
  /** See `StateStore.journalStart`. */
  readonly start: Index;
  readonly records: number;
  /** Total bytes of the records' events. */
  readonly bytes: number;
}

export const emptyExtent: JournalExtent = { start: 1, records: 0, bytes: 0 };

/** The records of a commit that are not applied yet. Throws where the commit breaks its own contract: a defect. */
export function newRecords(commit: StateCommit, applied: Index): readonly JournalRecord[] {
  const { skipsTo = 0 } = commit;
  invariant(skipsTo <= commit.applied, `group ${commit.group}: skips to ${skipsTo}, behind the applied index ${commit.applied}`);
  let previous = skipsTo;
  for (const { index } of commit.records) {
    invariant(index > previous, `group ${commit.group}: journal record ${index} comes after record ${previous}`);
    invariant(index <= commit.applied, `group ${commit.group}: journal record ${index} lies behind the applied index ${commit.applied}`);
    previous = index;
  }
  return commit.records[0] && commit.records[0].index <= applied ? commit.records.filter(({ index }) => index > applied) : commit.records;
}

/** Whether a journal of this extent must give up its oldest record, given the log times of its oldest and newest one. */
export function exceeds(extent: JournalExtent, retention: JournalRetention, oldestTime: number, newestTime: number): boolean {
  if (extent.records === 0) return false;
  if (retention.recordsMax !== undefined && extent.records > retention.recordsMax) return true;
  if (retention.bytesMax !== undefined && extent.bytes > retention.bytesMax) return true;
  return retention.ageMsMax !== undefined && newestTime - oldestTime > retention.ageMsMax;
}

/** Throws `journal_compacted` where a journal that begins at `start` cannot serve `from`. */
export function assertServes(group: GroupId, start: Index, from: Index): void {
  if (from >= start) return;
  throw new StorageError(
    'journal_compacted',
    `group ${group}: the journal begins at index ${start}, index ${from} was asked for`,
    'Start from the current state instead, or let the journal keep more (retention).',
  );
}

/** The position of the first record with an index of at least `index`; the records are ascending. */
export function firstAtOrBehind(records: readonly { readonly index: Index }[], index: Index): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((records[middle]?.index ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first of `records` that `StateStore.journal` may return at once. */
export function takeRecords(records: Iterable<JournalRecord>, recordsMax: number, bytesMax = Number.POSITIVE_INFINITY): JournalRecord[] {
  const taken: JournalRecord[] = [];
  if (recordsMax < 1) return taken;
  let bytes = 0;
  for (const record of records) {
    bytes += record.events.length;
    if (bytes > bytesMax && taken.length > 0) break;
    taken.push(record);
    if (taken.length >= recordsMax) break;
  }
  return taken;
}
