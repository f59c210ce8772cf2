import type { Index, Term } from './entry.ts';
import { type LogShape, termAt } from './log.ts';
import type { Membership } from './membership.ts';

/** The kind of machine that a state belongs to. */
export interface MachineIdentity {
  readonly name: string;
  readonly version: number;
}

/** A state of the machine that stands for every entry up to `index`. Its bytes are kept outside of the core. */
export interface SnapshotInfo {
  /** Tells two snapshots of one index apart, so that a transfer is never resumed with another one's bytes: it is derived from them. */
  readonly id: string;
  /** The last entry that it covers. */
  readonly index: Index;
  readonly term: Term;
  /** Log time of that entry in milliseconds. */
  readonly time: number;
  /** Size in bytes. */
  readonly size: number;
  /** The membership as of `index`. */
  readonly membership: Membership;
  /** The machine that wrote it. */
  readonly machine: MachineIdentity;
}

/** Where a log begins: everything up to `index` is covered by a snapshot, or, at index 0, is what the group was founded with. */
export interface LogBase {
  readonly index: Index;
  readonly term: Term;
  /** Log time in milliseconds: that of the entry at `index`, or of a later one that is in the log. */
  readonly time: number;
  readonly membership: Membership;
}

/**
 * A received snapshot is stored, and the machine restored, before the log begins behind it. Where a crash came in between, this
 * is the base that has to be written before the member begins again; null where the log has the snapshot's last entry.
 */
export function interruptedInstall(log: LogShape, snapshot: SnapshotInfo | null): LogBase | null {
  if (snapshot === null || snapshot.index <= log.snapshotIndex || termAt(log, snapshot.index) === snapshot.term) return null;
  const { index, term, time, membership } = snapshot;
  return { index, term, time, membership };
}
