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

/** What was found damaged. */
export interface LogDamage {
  /** The first entry that is not what was written, so that the log ends before it; null where it is the hard state, or the whole file. */
  readonly index: Index | null;
  /** In words, also where it lies. */
  readonly reason: string;
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
  /** What was found damaged this time, and healed by `hardState.recovering`; null where everything is as it was written. */
  readonly damage: LogDamage | null;
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
 * - `recover` heals what can be healed safely. Where an entry is damaged or missing, or does not follow the one before it, the log ends
 *   before that entry; where the hard state is damaged, or the whole file is older than it was, the term is one that the member never
 *   went beyond. In all these cases the member has forgotten promises, so that `recovering` is made durable in the hard state before
 *   `recover` resolves. What lies behind the new end stays on disk, is written over as the leader sends it, and belongs to the log again
 *   at the next `recover` if it follows what is there by then. It is removed with the first write of a hard state without `recovering`.
 *   A damaged beginning of the log, or a log that is in use already, is not healed but refused with `log_corrupted`.
 * - A write that does not continue the log is a defect of the caller and throws `log_gap` before anything is written;
 *   the store goes on.
 * - A payload belongs to the caller again once `write` has resolved: changing it then changes nothing that is stored.
 * - `close` waits for the writes under way; calling it again is harmless. A closed store refuses with `storage_closed`.
 *
 * What cannot be done before the promise is there (`write`, `recover`) is said by rejecting it; `read` throws.
 */
export interface LogStore {
  /** Loads, verifies and heals a group's log. An unknown group is an empty log of term 0. Never clears anything. */
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
