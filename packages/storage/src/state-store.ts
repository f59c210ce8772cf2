import type { GroupId, Index, Term } from '@flotilla/core';
import type { KeyValue, StateReader, StateSpace } from '@flotilla/state-machine';

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

/** A group's space as of an applied index: it stays as it is while the space is written. */
export interface StateView extends StateReader {
  readonly index: Index;
  /**
   * Lets go of it; harmless when called again. A view keeps old pages of a file from being used again, so it must not be kept for long:
   * a store may close it by itself. Reading on throws `view_closed`.
   */
  close(): void;
}

/**
 * The port for what is derived from the log: the applied index, the event journal, and the state of machines that keep it in a space.
 *
 * Unlike the log it may lag behind on disk, but it is always consistent: after a crash it reopens at an older applied index with
 * exactly the records and the space of that index, and the log replays the rest.
 *
 * Contract, checked by the conformance suite in `@flotilla/storage/testing`:
 * - A commit is atomic: applied index, records and what is staged in the space, together or not at all.
 * - Committing an index again is harmless: what is at or below the applied index is skipped.
 * - `journal` sees every commit that has resolved.
 * - Commits issued without waiting for each other take effect in the order of the calls.
 * - `close` writes what is under way, so that a store that was closed reopens at its latest commit; calling it again is
 *   harmless. A closed store refuses with `storage_closed`. What is staged and not committed is gone.
 */
export interface StateStore {
  /** The last index whose effects this store holds, 0 at the beginning. */
  applied(group: GroupId): Index;
  /** Takes with it everything that is staged in the spaces of its groups at the moment of the call. */
  commit(commits: readonly StateCommit[]): Promise<void>;
  /**
   * The group's space. What is put there is staged: whoever reads the space sees it at once, and the group's next commit takes it.
   * Reading throws `state_corrupted` where it finds damage.
   */
  space(group: GroupId): StateSpace;
  /** How much memory what is staged takes at most, in bytes: whoever stages waits for a commit once it is too much. */
  stagedBytes(group: GroupId): number;
  /** The group's space as of a commit that has resolved, and of no earlier one than the last that had when this was called. */
  view(group: GroupId): Promise<StateView>;
  /**
   * Replaces the whole space, makes `applied` the applied index, which is no smaller than before, and begins the journal anew behind it.
   * All of it happens or, also where `pairs` fails or the process ends, nothing. Uses memory for a bounded number of pairs. Whatever
   * is staged is gone. Nothing may be staged or committed for the group, nor another state installed, until this has resolved.
   */
  install(group: GroupId, applied: Index, pairs: AsyncIterable<readonly KeyValue[]>): Promise<void>;
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
