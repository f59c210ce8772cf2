import type { RejectReason } from './effect.ts';
import type { Entry, Index, MemberId, Term } from './entry.ts';
import type { SnapshotInfo } from './snapshot.ts';

/**
 * Before a member calls an election it asks whether it would win one (thesis 9.6): the answer changes nobody's term, so
 * one that was away does not disturb. `term` is the asker's current one.
 */
export interface PreVote {
  readonly kind: 'pre-vote';
  readonly term: Term;
  readonly lastIndex: Index;
  readonly lastTerm: Term;
}

export interface PreVoteReply {
  readonly kind: 'pre-vote-reply';
  readonly term: Term;
  readonly granted: boolean;
}

/** A candidate asks for a vote (paper 5.2). */
export interface RequestVote {
  readonly kind: 'request-vote';
  readonly term: Term;
  readonly lastIndex: Index;
  readonly lastTerm: Term;
  /** The leader itself asked for this election (thesis 3.10): whoever still hears that leader votes nonetheless. */
  readonly transfer: boolean;
}

/** The answer to {@link RequestVote}. A granted vote is a promise: it leaves only when the vote is on disk. */
export interface VoteReply {
  readonly kind: 'vote-reply';
  readonly term: Term;
  readonly granted: boolean;
}

/** A leader replicates entries that follow the one at `prevIndex` (paper 5.3). Without entries it probes. */
export interface Append {
  readonly kind: 'append';
  readonly term: Term;
  readonly prevIndex: Index;
  readonly prevTerm: Term;
  readonly commit: Index;
  readonly entries: readonly Entry[];
}

/** "My log equals yours up to `matchIndex`, durably": a promise, it leaves only when those entries are on disk. */
export interface AppendAccepted {
  readonly kind: 'append-accepted';
  readonly term: Term;
  readonly matchIndex: Index;
}

/**
 * "I do not have your entry at `prevIndex`." The hint is the follower's last position that could still match, so that
 * the leader skips a whole term at a time instead of one entry (paper 5.3, last paragraphs).
 */
export interface AppendRejected {
  readonly kind: 'append-rejected';
  readonly term: Term;
  readonly prevIndex: Index;
  readonly hintIndex: Index;
  readonly hintTerm: Term;
}

/** A leader asserts its leadership and tells the commit index, capped by what the follower is known to hold. */
export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly term: Term;
  readonly commit: Index;
  /**
   * Counts the leader's broadcasts; the reply echoes it, which confirms reads (thesis 6.4). Round 0 tells the commit
   * index and is not answered.
   */
  readonly round: number;
  /** Nothing is to be done: whoever has everything may sleep until somebody has something to say. */
  readonly quiesce: boolean;
}

export interface HeartbeatReply {
  readonly kind: 'heartbeat-reply';
  readonly term: Term;
  readonly round: number;
  /** For how many milliseconds of its own clock, from hearing this round on, the sender helps nobody else to lead. */
  readonly loyalMs: number;
}

/** A leader hands its leadership over: call an election at once, you have everything (thesis 3.10). */
export interface TimeoutNow {
  readonly kind: 'timeout-now';
  readonly term: Term;
}

/** A part of a snapshot, for a follower that needs entries which are no longer in the log (paper 7). */
export interface SnapshotChunk {
  readonly kind: 'snapshot-chunk';
  readonly term: Term;
  readonly snapshot: SnapshotInfo;
  /** Where `bytes` begin in the snapshot. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** The CRC-32 of `bytes`, for whoever stores them. */
  readonly checksum: number;
}

/** "Of that snapshot I have everything before `offset`": the next chunk begins there, whatever was lost. */
export interface SnapshotReply {
  readonly kind: 'snapshot-reply';
  readonly term: Term;
  readonly snapshotId: string;
  readonly offset: number;
}

/** A follower asks the leader for an index at which a linearizable read may be served (thesis 6.4). */
export interface ReadIndex {
  readonly kind: 'read-index';
  readonly id: number;
}

export interface ReadIndexReply {
  readonly kind: 'read-index-reply';
  readonly id: number;
  readonly answer: ReadAnswer;
}

/** The index at which the read may be served, or why there is none. */
export type ReadAnswer = { readonly index: Index } | Refusal;

/** A follower forwards commands to the leader, at least one. */
export interface Propose {
  readonly kind: 'propose';
  readonly id: number;
  readonly payloads: readonly Uint8Array[];
}

export interface ProposeReply {
  readonly kind: 'propose-reply';
  readonly id: number;
  readonly answer: ProposalAnswer;
}

/** Where the forwarded commands stand in the leader's log, or why they entered no log. */
export type ProposalAnswer = { readonly position: ProposalPosition } | Refusal;

/** The slot that the first command of a proposal got, and the term in which it got it. */
export interface ProposalPosition {
  readonly firstIndex: Index;
  readonly term: Term;
}

/** The asked member did nothing of what it was asked. */
export interface Refusal {
  readonly reason: RejectReason;
}

/** Messages of the algorithm itself: whoever gets one of a later term enters it. */
export type TermMessage =
  | PreVoteReply
  | RequestVote
  | VoteReply
  | TimeoutNow
  | Append
  | AppendAccepted
  | AppendRejected
  | Heartbeat
  | HeartbeatReply
  | SnapshotChunk
  | SnapshotReply;

/** Messages on behalf of clients: they hold in any term. */
export type ClientMessage = ReadIndex | ReadIndexReply | Propose | ProposeReply;

/** What members of a group say to each other. */
export type Message = PreVote | TermMessage | ClientMessage;

/** A message on its way out. */
export interface Outbound {
  readonly to: MemberId;
  readonly message: Message;
}
