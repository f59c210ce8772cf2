import type { GroupId, Index, Term } from '@flotilla/core';

/** The events that one log entry caused, as the machine's codec wrote them. */
export interface JournalRecord {
  readonly index: Index;
  readonly term: Term;
  /** Log time of the entry in milliseconds. */
  readonly time: number;
  readonly events: Uint8Array;
}

/** What applying a batch of entries leaves behind for one group. */
export interface StateCommit {
  readonly group: GroupId;
  /** The last index of the batch. */
  readonly applied: Index;
  /**
   * The entries up to here were not applied but skipped: what they caused is not known, and the journal begins anew behind
   * them. At most `applied`, and below every record; absent where nothing was skipped.
   */
  readonly skipsTo?: Index;
  /** Ascending, none behind `applied`; entries that caused no event have no record. */
  readonly records: readonly JournalRecord[];
}

/**
 * What a journal keeps. Older records go first; a bound that is absent does not apply. The bounds are exact: a record
 * that is larger than `bytesMax` is not kept at all.
 */
export interface JournalRetention {
  readonly recordsMax?: number;
  /** Total bytes of the records' events. */
  readonly bytesMax?: number;
  /** Age in milliseconds of log time, counted back from the newest record. */
  readonly ageMsMax?: number;
}

/**
 * The port for what is derived from the log: the applied index and the event journal.
 *
 * Unlike the log it may lag behind on disk, but it is always consistent: after a crash it reopens at an older applied
 * index with exactly the records up to that index, and the log replays the rest.
 *
 * Contract, checked by the conformance suite in `@flotilla/storage/testing`:
 * - A commit is atomic: applied index and records together or not at all.
 * - Committing an index again is harmless: what is at or below the applied index is skipped.
 * - `journal` sees every commit that has resolved.
 * - Commits issued without waiting for each other take effect in the order of the calls.
 * - `close` writes what is under way, so that a store that was closed reopens at its latest commit; calling it again is
 *   harmless. A closed store refuses with `storage_closed`.
 */
export interface StateStore {
  /** The last index whose effects this store holds, 0 at the beginning. */
  applied(group: GroupId): Index;
  commit(commits: readonly StateCommit[]): Promise<void>;
  /**
   * The first index from which the journal is complete, 1 as long as nothing was removed: records below it may have been
   * removed by retention.
   */
  journalStart(group: GroupId): Index;
  /**
   * Up to `recordsMax` records with an index of at least `from`, ascending, cut short before their events exceed
   * `bytesMax` bytes in total (no limit where absent); the first one is always there. Throws `journal_compacted` where `from` lies
   * below {@link StateStore.journalStart}.
   */
  journal(group: GroupId, from: Index, recordsMax: number, bytesMax?: number): readonly JournalRecord[];
  close(): Promise<void>;
}
