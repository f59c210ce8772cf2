import type { Index, MemberId, Term } from './entry.ts';
import type { MembershipChange } from './membership-change.ts';
import type { Message } from './message.ts';
import type { SnapshotInfo } from './snapshot.ts';

/** Every input says when it came. */
export interface Timed {
  /** Monotonic milliseconds, from any origin; never goes back. */
  readonly now: number;
  /** Wall clock milliseconds since 1970: the source of log time when this member leads, and of nothing else. */
  readonly wallTime: number;
}

/** The time that `deadline(state)` named has come. Harmless when it comes early or twice. */
export interface DeadlineReached extends Timed {
  readonly kind: 'deadline-reached';
}

export interface Received extends Timed {
  readonly kind: 'received';
  readonly from: MemberId;
  readonly message: Message;
}

/**
 * Somebody on this host wants commands in the log. Ends in an `accept-proposal` or `reject-proposal` effect with this
 * id, or, where a forwarded message was lost, in neither.
 */
export interface Proposed extends Timed {
  readonly kind: 'proposed';
  /** Unique among all proposals of this member, also across restarts: a late answer must not meet a new question. */
  readonly id: number;
  /** At least one: to propose nothing is a defect. */
  readonly payloads: readonly Uint8Array[];
}

/** Everything up to the persist effect with this sequence number is on disk. */
export interface Persisted extends Timed {
  readonly kind: 'persisted';
  readonly sequence: number;
}

/** A `replicate` effect was carried out: an append went out with the entries behind `prevIndex` up to `lastIndex`. */
export interface AppendSent extends Timed {
  readonly kind: 'append-sent';
  readonly to: MemberId;
  readonly term: Term;
  readonly prevIndex: Index;
  readonly lastIndex: Index;
  /** Bytes of payload that it carried. */
  readonly bytes: number;
}

/** Somebody on this host wants to read linearizably. Ends like {@link Proposed}, in `answer-read` or `reject-read`. */
export interface ReadRequested extends Timed {
  readonly kind: 'read-requested';
  readonly id: number;
  /** A lease is good enough, where there is one. */
  readonly lease: boolean;
}

/** The operator wants another membership. Ends in `accept-membership` or `reject-membership` with this id. */
export interface MembershipRequested extends Timed {
  readonly kind: 'membership-requested';
  readonly id: number;
  readonly change: MembershipChange;
}

/** The operator wants another leader. Ends in `accept-transfer` or `reject-transfer` with this id. */
export interface TransferRequested extends Timed {
  readonly kind: 'transfer-requested';
  readonly id: number;
  readonly target: MemberId;
}

/** The machine's state as of an applied entry is stored, durably: the log may be compacted. */
export interface SnapshotTaken extends Timed {
  readonly kind: 'snapshot-taken';
  readonly snapshot: SnapshotInfo;
}

/** A `store-chunk` effect was carried out: everything before `offset` is here. */
export interface ChunkStored extends Timed {
  readonly kind: 'chunk-stored';
  readonly snapshotId: string;
  readonly offset: number;
}

/** A `send-chunk` effect could not be carried out: the store does not have that snapshot any more. */
export interface SnapshotUnreadable extends Timed {
  readonly kind: 'snapshot-unreadable';
  readonly to: MemberId;
  readonly snapshotId: string;
}

/** A `restore-snapshot` effect was carried out; or, where the bytes are not what they should be, was not. */
export interface SnapshotRestored extends Timed {
  readonly kind: 'snapshot-restored';
  readonly snapshotId: string;
  readonly intact: boolean;
}

/** A host of the cluster can, or can no longer, be reached. What a sleeping group relies on in the place of heartbeats. */
export interface ReachabilityChanged extends Timed {
  readonly kind: 'reachability-changed';
  readonly peer: MemberId;
  readonly reachable: boolean;
}

/** The disk has no room for anything new any more, or has some again. */
export interface RoomChanged extends Timed {
  readonly kind: 'room-changed';
  readonly exhausted: boolean;
}

export type Input =
  | DeadlineReached
  | Received
  | Proposed
  | Persisted
  | AppendSent
  | ReadRequested
  | MembershipRequested
  | TransferRequested
  | SnapshotTaken
  | ChunkStored
  | SnapshotRestored
  | SnapshotUnreadable
  | ReachabilityChanged
  | RoomChanged;
