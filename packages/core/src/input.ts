import type { MemberId } from './entry.ts';
import type { Message } from './message.ts';

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

/** Somebody on this host wants to read linearizably. Ends like {@link Proposed}, in `answer-read` or `reject-read`. */
export interface ReadRequested extends Timed {
  readonly kind: 'read-requested';
  readonly id: number;
}

export type Input = DeadlineReached | Received | Proposed | Persisted | ReadRequested;
