import type { Command, MachineEvent, Outcome } from '../contract.ts';
import type { StateSpace } from '../space/state-space.ts';
import type { GroupRequest, SessionStamp, VersionRange } from './request.ts';

/** A committed request on its way into a machine. */
export interface CommittedRequest {
  readonly index: number;
  readonly term: number;
  /** Log time in milliseconds since 1970. */
  readonly time: number;
  readonly payload: Uint8Array;
}

/**
 * Why a request came to nothing although it is in the log. The machine never saw it.
 *
 * `session_expired`: there is no such session, or no longer. `sequence_answered`: the client has said that it has the reply.
 * `reply_forgotten`: the command was applied, and its reply is no longer kept. `too_many_sessions`, `session_window_exceeded`: a bound
 * is reached. `version_changed`: the input was checked by another version of the machine than applies now. `malformed_payload`: these
 * bytes are no request.
 */
export type RefusalCode =
  | 'session_expired'
  | 'sequence_answered'
  | 'reply_forgotten'
  | 'too_many_sessions'
  | 'session_window_exceeded'
  | 'version_changed'
  | 'malformed_payload';

export interface Refused {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  readonly message: string;
  readonly hint: string;
}

/** What came of a request. */
export interface AppliedRequest {
  /** Of the entry that was applied; of the first one where this is the repetition of a command of a session. */
  readonly index: number;
  readonly term: number;
  readonly outcome: Outcome | Refused;
  /** All events of this entry, those of timers that it made due included; a repetition causes none of its own. */
  readonly events: readonly MachineEvent[];
  /** The same as bytes, for the journal; null where there are none. */
  readonly encodedEvents: Uint8Array | null;
}

/** An effect that waits in the outbox. */
export interface PendingEffect {
  /** Unique in the group, and the same whenever it is tried: an idempotency key. */
  readonly id: string;
  readonly type: string;
  /** Another copy with each read: whoever carries the effect out may change it, and try again. */
  readonly data: unknown;
  /** The command that follows from what came of it, or null. */
  readonly then: string | null;
  /** The version of the machine that asked for it, and so knows that command by its name. */
  readonly version: number;
  /** The log index and log time of the command that asked for it. */
  readonly index: number;
  readonly time: number;
}

/** What a group does for its machine, as its members have to know to get it done. All of it is replicated. */
export interface ReplicaService {
  /** The earliest log time at which something is due, a timer or the end of a session; null where nothing is. */
  readonly dueAt: number | null;
  /** Grows with each change of the outbox. */
  readonly outboxRevision: number;
  /** The effects that are not carried out yet, in the order in which they were asked for; at most `max`. */
  pendingEffects(max: number): readonly PendingEffect[];
  /** The version that applies; null as long as the group has none, because no command was applied yet. */
  readonly activeVersion: number | null;
  /** Which versions a member has announced; null where it has not, or it counts no longer. */
  announced(member: number): VersionRange | null;
  /** The comparison of states that is under way and waits for this member's report, or null. */
  report(member: number): GroupRequest | null;
  /** Another comparison of states would tell something new: commands were applied since the last one, or that shows a difference and waits. */
  readonly changedSinceComparison: boolean;
  /**
   * What the comparisons of states said about a member: null as long as its state is the majority's. It stands until the member's digest
   * is the majority's in a later comparison.
   */
  divergence(member: number): Divergence | null;
  /**
   * What the comparisons of states said where no majority of the members agrees, so that nobody can tell who is right; null otherwise. It
   * stands until a later comparison finds a majority.
   */
  readonly disagreement: Divergence | null;
}

/** Members whose states differ: from the majority's or, where there is none, from one another's. */
export interface Divergence {
  /** The first entry after which the states differ. */
  readonly index: number;
  /** The last entry after which they are known to have been the same: `index - 1`, unless nobody could say what was in between. */
  readonly agreedIndex: number;
  readonly members: readonly number[];
  /** The round of comparison that said so; later verdicts have higher ones. */
  readonly round: number;
}

/**
 * A state machine as a group runs it: with sessions, timers, an outbox, and the version that is active. Deterministic as the machine
 * itself: equal requests give equal states.
 */
export interface ReplicatedMachine {
  readonly name: string;
  /** The version that applies; as long as the group has none, the one with which this program would begin. */
  readonly version: number;
  /** What this program can run. */
  readonly versions: VersionRange;
  /** Where all of the state is, if it is in a space. */
  readonly space: StateSpace | undefined;
  readonly service: ReplicaService;
  /**
   * Applies committed requests in order; one result for each. Throws a `FlotillaError` with code `machine_version_unsupported` where a
   * version is activated that this program does not have, and a `MachineError` where the machine failed: nothing may be applied then.
   */
  apply(requests: readonly CommittedRequest[]): readonly AppliedRequest[];
  /** Answers a read from the current state. Throws a `MachineError`. */
  query(type: string, input: unknown): unknown;
  /** The events of an entry from the journal, as the version understands them that is active now. Throws a `MachineError`. */
  readEvents(encoded: Uint8Array): readonly MachineEvent[];
  /** Checks a command before it reaches the log and encodes it. Throws a `MachineError` with the offending path. */
  encode(command: Command, stamp?: SessionStamp | null): Promise<Uint8Array>;
  /** The whole state. Equal states give equal bytes. Only where there is no space. */
  snapshot(): Uint8Array;
  /** The whole state is replaced, or, where this throws, nothing is. Only where there is no space. */
  restore(snapshot: Uint8Array): void;
  /** The space was given another state: what was read of it counts no longer. */
  reload(): void;
}
