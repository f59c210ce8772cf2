import type { Entry, GroupId, Index } from '@flotilla/core';
import type { JournalRecord } from './state-store.ts';

/** The events of a span of the log. */
export interface EventSpan {
  /** The span, both included: entries in it that caused no event have no record. */
  readonly from: Index;
  readonly to: Index;
  /** Ascending. */
  readonly records: readonly JournalRecord[];
}

/**
 * The port for what a log and a journal no longer keep: with an archive, it is moved instead of removed.
 *
 * Contract:
 * - `addEntries` and `addEvents` resolve only when what they were given cannot be lost any more. Adding something again, after a
 *   crash, changes nothing.
 * - What is added comes in the order of the log. A hole is allowed, for a member that was given a snapshot never had what is
 *   before it; reading in a hole gives null, never something else.
 * - Reading verifies, and throws `archive_corrupted` rather than lie.
 */
export interface Archive {
  /** Committed, consecutive entries. */
  addEntries(group: GroupId, entries: readonly Entry[]): Promise<void>;
  addEvents(group: GroupId, span: EventSpan): Promise<void>;
  /** Entries from `from` on, as many as are kept together; null where the archive does not have that one. */
  entries(group: GroupId, from: Index): Promise<readonly Entry[] | null>;
  /** What the entries from `from` on caused, as much as is kept together; null where the archive does not know. */
  events(group: GroupId, from: Index): Promise<EventSpan | null>;
  /** What was added last, and as far back as there is no hole; null where there is nothing. */
  extent(group: GroupId, kind: ArchivedKind): Promise<ArchivedExtent | null>;
}

/** The first and the last index, both included. */
export interface ArchivedExtent {
  readonly from: Index;
  readonly to: Index;
}

export type ArchivedKind = 'entries' | 'events';
