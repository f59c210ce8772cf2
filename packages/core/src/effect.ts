import type { Entry, HardState, Index, MemberId, Term } from './entry.ts';
import type { Message, Outbound, ProposalPosition } from './message.ts';

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
  /** Remove every entry behind this index first, or null. */
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
 * Send the entries behind `prevIndex` up to `lastIndex` as one append or several; none where they are equal (a probe).
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
  readonly commit: Index;
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

/**
 * `no_leader`: nobody to ask. `leadership_lost`: who was asked does not lead, or no longer. `overloaded`: too much waits
 * there already.
 */
export type RejectReason = 'no_leader' | 'leadership_lost' | 'overloaded';

export type Effect = Persist | Send | Replicate | Apply | AnswerRead | RejectRead | AcceptProposal | RejectProposal;
