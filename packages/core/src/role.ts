import type { Index, MemberId } from './entry.ts';
import type { SnapshotInfo } from './snapshot.ts';

export type Role = Follower | PreCandidate | Candidate | Leader;

export interface Follower {
  readonly kind: 'follower';
}

/** Asks whether it would win an election, before it calls one (thesis 9.6). */
export interface PreCandidate {
  readonly kind: 'pre-candidate';
  /** Who answered, and whether with a yes. */
  readonly votes: ReadonlyMap<MemberId, boolean>;
}

export interface Candidate {
  readonly kind: 'candidate';
  /** Who answered, and whether with a yes. The own vote is here only once it is on disk. */
  readonly votes: ReadonlyMap<MemberId, boolean>;
}

export interface Leader {
  readonly kind: 'leader';
  /** One for every other member, and for those that leave, until it is committed that they have left. */
  readonly progress: ReadonlyMap<MemberId, Progress>;
  /** The entry that opened this leadership; once it is committed, so is everything before it (thesis 6.4). */
  readonly openingIndex: Index;
  readonly heartbeatDeadline: number;
  /** Heartbeat intervals in a row in which there was nothing to do. */
  readonly idleIntervals: number;
  /** Number of the latest broadcast of heartbeats. */
  readonly round: number;
  /** When the latest rounds went out, oldest first. */
  readonly recentRounds: readonly Round[];
  /** A read waits for the next round, which goes out at the end of the turn. */
  readonly roundWanted: boolean;
  /** Reads that wait for a majority to confirm this leadership, oldest first. */
  readonly reads: readonly PendingRead[];
  /** What this leader appended and has not committed yet, oldest first. */
  readonly uncommitted: readonly UncommittedBatch[];
  /** Who asked for the membership change that is under way, if somebody waits. */
  readonly changeRequest: number | null;
  readonly transfer: Transfer | null;
  /** Proposals that wait for the end of a transfer, oldest first. */
  readonly paused: readonly PausedProposal[];
  /** Somebody was told to call an election at once, and may do so at any time: no lease holds for the rest of this term. */
  readonly leaseVoid: boolean;
}

export interface Round {
  readonly round: number;
  /** Monotonic ms. */
  readonly sentAt: number;
}

/** Leadership on its way to another member (thesis 3.10). */
export interface Transfer {
  /** Of the request; null where the leader itself wishes it. */
  readonly id: number | null;
  readonly target: MemberId;
  /** Monotonic ms; then this member goes on leading. */
  readonly deadline: number;
  /** The target has everything and was told to call an election. */
  readonly asked: boolean;
}

export interface PausedProposal {
  readonly id: number;
  /** The member that forwarded it, or null for this member itself. */
  readonly from: MemberId | null;
  readonly payloads: readonly Uint8Array[];
}

/** Entries that were appended together. */
export interface UncommittedBatch {
  readonly lastIndex: Index;
  readonly payloadBytes: number;
}

/** What a leader knows of one follower. */
export interface Progress {
  /** The follower's log is known to equal the leader's up to here, durably. */
  readonly matchIndex: Index;
  /** The next entry to send. */
  readonly nextIndex: Index;
  /**
   * `probe`: one append at a time, to find where the logs meet. `replicate`: appends follow each other without waiting.
   * `snapshot`: what it needs is no longer in the log.
   */
  readonly mode: 'probe' | 'replicate' | 'snapshot';
  /** In `probe`: an append is out and not answered. */
  readonly probing: boolean;
  /** In `replicate`: an append was asked for, and the runtime has not said yet how far it went. */
  readonly sending: boolean;
  /** In `replicate`: appends that are not acknowledged yet, oldest first. */
  readonly inflight: readonly InflightAppend[];
  /** How many bytes of payload the next append may carry: grows while acknowledgements come quickly. */
  readonly batchBytes: number;
  /** In `snapshot`: how far the transfer has come. */
  readonly outgoing: OutgoingSnapshot | null;
  /** The latest round of heartbeats that the follower answered. */
  readonly confirmedRound: number;
  /** Until when (monotonic ms of the leader) it certainly helps nobody else to lead. */
  readonly loyalUntil: number;
  /** When (monotonic ms) it last answered anything; at first, when this member began to wait for that. */
  readonly activeAt: number;
  /** When (monotonic ms) it was last sent entries. */
  readonly sentAt: number;
  /** Since when (monotonic ms) it confirms rounds and acknowledges nothing of what it was sent, or since it was last asked. */
  readonly quietSince: number | null;
  /** The highest commit index that it was told, though it may not have arrived. */
  readonly toldCommit: Index;
  /** For a learner that is to be promoted. */
  readonly catchUp: CatchUp | null;
}

export interface InflightAppend {
  readonly lastIndex: Index;
  readonly bytes: number;
  /** Monotonic ms. */
  readonly sentAt: number;
}

export interface OutgoingSnapshot {
  readonly snapshot: SnapshotInfo;
  /** The follower has everything before this. */
  readonly offset: number;
  /** When (monotonic ms) that was last news; at first, when the transfer began. */
  readonly movedAt: number;
}

/** A learner catches up in rounds: each replicates what was in the log when it began (thesis 4.2.1). */
export interface CatchUp {
  /** Counts from 1. */
  readonly round: number;
  /** The round ends here. */
  readonly targetIndex: Index;
  /** Monotonic ms. */
  readonly startedAt: number;
  /** A round took less than an election timeout: from here on it would not hold the others up for longer than an election. */
  readonly done: boolean;
}

export interface PendingRead {
  readonly id: number;
  /** The follower that asked, or null for this member itself. */
  readonly from: MemberId | null;
  /** The read may be served at this index once `round` is confirmed; null until the opening entry is committed. */
  readonly ready: { readonly index: Index; readonly round: number } | null;
}
