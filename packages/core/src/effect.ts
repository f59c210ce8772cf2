import type { Entry, HardState, Index, MemberId, Term } from './entry.ts';
import type { Membership } from './membership.ts';
import type { MembershipRefusal } from './membership-change.ts';
import type { Message, Outbound, ProposalPosition } from './message.ts';
import type { LogBase, SnapshotInfo } from './snapshot.ts';

/**
 * Write this to disk, in the order of the sequence numbers; then send the promises; then feed `persisted`.
 *
 * A decision has at most one, before all its other effects: who carries them out in their order has taken over the
 * entries when it is told to replicate them. Replicating need not wait until they are on disk.
 *
 * The messages that promise durability ride here and nowhere else, so that sending one before the disk has what it
 * promises cannot be expressed.
 */
export interface Persist {
  readonly kind: 'persist';
  readonly sequence: number;
  readonly hardState: HardState | null;
  /**
   * The log begins behind this from now on, or null: what is at or below its index goes, and where the log does not have
   * that entry, with that term, everything goes. Happens before the truncation.
   */
  readonly base: LogBase | null;
  /** Remove every entry behind this index before the new ones are appended, or null. */
  readonly truncateAfter: Index | null;
  readonly entries: readonly Entry[];
  readonly promises: readonly Outbound[];
}

/** Send a message that promises nothing about this member's disk. */
export interface Send {
  readonly kind: 'send';
  readonly to: MemberId;
  readonly message: Message;
}

/**
 * Send one append with the entries behind `prevIndex` up to `lastIndex`, as many as have `bytesMax` bytes of payload in
 * total; the first one always, none where the range is empty. Then say by `append-sent` how far it went.
 *
 * To be carried out before the next input is decided: the range means the log as it is now, with the entries of the
 * `persist` that came before it.
 */
export interface Replicate {
  readonly kind: 'replicate';
  readonly to: MemberId;
  readonly term: Term;
  readonly prevIndex: Index;
  readonly prevTerm: Term;
  readonly lastIndex: Index;
  readonly bytesMax: number;
  readonly commit: Index;
  /** The receiver is a witness: commands go without their payload. */
  readonly withoutPayloads: boolean;
}

/** Send as much of a snapshot from `offset` on as `bytesMax` allows, as one {@link SnapshotChunk}. */
export interface SendChunk {
  readonly kind: 'send-chunk';
  readonly to: MemberId;
  readonly term: Term;
  readonly snapshot: SnapshotInfo;
  readonly offset: number;
  readonly bytesMax: number;
}

/** Keep a part of a snapshot that is being received, then say `chunk-stored`. Offset 0 begins anew. */
export interface StoreChunk {
  readonly kind: 'store-chunk';
  readonly snapshot: SnapshotInfo;
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** What their sender says is the CRC-32 of `bytes`. */
  readonly checksum: number;
}

/** All of a snapshot is here: check it, make it the machine's state, then say `snapshot-restored`. */
export interface RestoreSnapshot {
  readonly kind: 'restore-snapshot';
  readonly snapshot: SnapshotInfo;
}

/** Everything up to `through` is committed and on this member's disk: apply it. */
export interface Apply {
  readonly kind: 'apply';
  readonly through: Index;
}

/** The read may be served once the machine has applied `index`. */
export interface AnswerRead {
  readonly kind: 'answer-read';
  readonly id: number;
  readonly index: Index;
  /** On the strength of a lease: void unless the clock is before this (monotonic ms) once the result is there. Otherwise null. */
  readonly leaseUntil: number | null;
}

export interface RejectRead {
  readonly kind: 'reject-read';
  readonly id: number;
  readonly reason: RejectReason;
}

/** The commands are in the log of the leader of `term`, from `firstIndex` on. They are not committed yet. */
export interface AcceptProposal {
  readonly kind: 'accept-proposal';
  readonly id: number;
  readonly position: ProposalPosition;
}

/** The commands did not enter any log. */
export interface RejectProposal {
  readonly kind: 'reject-proposal';
  readonly id: number;
  readonly reason: RejectReason;
}

/** The change is committed; or, where it waits for learners to catch up, that it waits is. */
export interface AcceptMembership {
  readonly kind: 'accept-membership';
  readonly id: number;
  readonly index: Index;
  /** As of that entry. */
  readonly membership: Membership;
}

export interface RejectMembership {
  readonly kind: 'reject-membership';
  readonly id: number;
  readonly reason: MembershipRefusal;
}

/** This member no longer leads, on its own wish. */
export interface AcceptTransfer {
  readonly kind: 'accept-transfer';
  readonly id: number;
}

export interface RejectTransfer {
  readonly kind: 'reject-transfer';
  readonly id: number;
  readonly reason: TransferRefusal;
}

/**
 * `no_leader`: nobody to ask. `leadership_lost`: who was asked does not lead, or no longer. `overloaded`: too much waits
 * there already. `storage_full`: there is no room on the disk for more.
 */
export type RejectReason = 'no_leader' | 'leadership_lost' | 'overloaded' | 'storage_full';

/**
 * `not_leader`: only the leader transfers. `transfer_under_way`: one at a time. `invalid_target`: it is no voter that could
 * lead. `transfer_timeout`: the target did not catch up, or did not call its election, within an election timeout; this
 * member goes on leading.
 */
export type TransferRefusal = 'not_leader' | 'transfer_under_way' | 'invalid_target' | 'transfer_timeout';

export type Effect =
  | Persist
  | Send
  | Replicate
  | SendChunk
  | StoreChunk
  | RestoreSnapshot
  | Apply
  | AnswerRead
  | RejectRead
  | AcceptProposal
  | RejectProposal
  | AcceptMembership
  | RejectMembership
  | AcceptTransfer
  | RejectTransfer;
