import type { Entry, GroupId, HardState, Index, LogBase, LogShape, PlacedMembership } from '@flotilla/core';

/** One group's share of a durable write. The parts are applied in the order of the fields. */
export interface LogWrite {
  readonly group: GroupId;
  /** The new term and vote, or null where they stay. */
  readonly hardState: HardState | null;
  /**
   * The log begins behind this from now on, or null. Entries up to its index go; where the log does not have an entry of
   * that index and term, nor begins there, every entry goes. Index 0 is what the group was founded with. A log never
   * begins earlier than before: a smaller index than that of the last base is a `log_gap`.
   */
  readonly base: LogBase | null;
  /**
   * Removes every entry behind this index first, or null. An index at or behind the end of the log removes nothing; one
   * before the beginning of the log is a `log_gap`.
   */
  readonly truncateAfter: Index | null;
  /** Consecutive entries; the first one directly follows the end of the log as it is after the truncation. */
  readonly entries: readonly Entry[];
}

/**
 * What a member finds on its disk when it starts. `log` begins at the index and term of the base, at 0 without one.
 */
export interface RecoveredLog {
  readonly hardState: HardState;
  /** Where the log begins; null where none was ever written. */
  readonly base: LogBase | null;
  readonly log: LogShape;
  /** Log time of the last entry in milliseconds; of the base for an empty log, and 0 without one. */
  readonly lastTime: number;
  /** That of the base, where there is one, then every membership entry of the log, oldest first. */
  readonly memberships: readonly PlacedMembership[];
}

/**
 * The port for a host's durable logs: terms, votes and entries of all its groups.
 *
 * Contract, checked by the conformance suite in `@flotilla/storage/testing`:
 * - `write` is atomic across all groups, applies its writes in the order given (a group may occur more than once), and
 *   resolves only when a power cut can no longer take it back. A failed write is final: the store refuses everything
 *   after it with the code `storage_failed`, and the host must stop.
 * - Writes issued without waiting for each other take effect in the order of the calls.
 * - `read` sees every write that has resolved. It verifies what it returns and throws `log_corrupted` rather than lie.
 * - A write that does not continue the log is a defect of the caller and throws `log_gap` before anything is written;
 *   the store goes on.
 * - A payload belongs to the caller again once `write` has resolved: changing it then changes nothing that is stored.
 * - `close` waits for the writes under way; calling it again is harmless. A closed store refuses with `storage_closed`.
 *
 * What cannot be done before the promise is there (`write`, `recover`) is said by rejecting it; `read` throws.
 */
export interface LogStore {
  /** Loads and verifies a group's log. An unknown group is an empty log of term 0. Never clears anything. */
  recover(group: GroupId): Promise<RecoveredLog>;
  write(writes: readonly LogWrite[]): Promise<void>;
  /**
   * The entries from `from` on, as many up to `to` (included) as have no more than `bytesMax` bytes of payload in total;
   * the first one is always there. Throws `log_out_of_range` where the log does not have all of `from`…`to`, be it that
   * it ends earlier or begins later.
   */
  read(group: GroupId, from: Index, to: Index, bytesMax: number): readonly Entry[];
  close(): Promise<void>;
}
