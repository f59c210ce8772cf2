import type { StateSpace } from './space/state-space.ts';

/** Something that happened, as a machine decided it. `data` is anything that the machine codec can write. */
export interface MachineEvent {
  readonly type: string;
  readonly data: unknown;
}

/** A command as a client asks for it, before it is encoded. */
export interface Command {
  readonly type: string;
  readonly input: unknown;
}

/** A committed command on its way into a machine. */
export interface CommittedCommand {
  readonly index: number;
  readonly term: number;
  /** Log time in milliseconds: the only clock a machine may read. */
  readonly time: number;
  /** The command as `encodeCommand` wrote it. */
  readonly payload: Uint8Array;
  /** The session that it belongs to. Absent or null where it has none. */
  readonly session?: number | null;
  /** The timer that asked for it, where one did. */
  readonly timer?: FiredTimer | null;
  /** Which of the commands of its entry it is: 0 for the client's own, then those of timers. Default 0. */
  readonly ordinal?: number;
  /** How much it may ask for; more is rejected as `too_many_timers` or `too_many_effects`. Absent for no bound. */
  readonly room?: FollowUpRoom | undefined;
}

/** How much one command may ask for. */
export interface FollowUpRoom {
  /** Timers that it schedules; one that replaces another counts too. */
  readonly timers: number;
  readonly effects: number;
}

/** A timer that has become due. */
export interface FiredTimer {
  readonly id: string;
  /** When it was due, in milliseconds of log time; the entry that made it fire has this time or a later one. */
  readonly at: number;
}

/** What a command does to the machine's timers. A timer that is scheduled again is replaced. */
export type TimerChange =
  | { readonly kind: 'schedule'; readonly id: string; readonly at: number; readonly command: Command }
  | { readonly kind: 'cancel'; readonly id: string };

/** Something that has to be done outside of the machine: by the leader, at least once. */
export interface RequestedEffect {
  readonly type: string;
  readonly data: unknown;
  /** The command that follows once it is done, or has failed for good; null for none. */
  readonly then: string | null;
}

/** The machine took the command; `reply` goes to the client, `events` to everybody who follows. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly reply: unknown;
  readonly events: readonly MachineEvent[];
  /** Absent for none. */
  readonly timers?: readonly TimerChange[];
  /** Absent for none. */
  readonly effects?: readonly RequestedEffect[];
  /** Absent where the machine did not need it: whoever runs it encodes what it gave. */
  readonly encoded?: EncodedOutcome;
}

/** What an accepted command gave, as bytes: written before anything changed, so that nothing can happen that cannot be written. */
export interface EncodedOutcome {
  /** As `encodeReply` wrote it. */
  readonly reply: Uint8Array;
  /** As `encodeEvents` wrote them. */
  readonly events: Uint8Array;
}

/** The machine refused the command and nothing changed; every replica refuses it alike. */
export interface Rejected {
  readonly kind: 'rejected';
  /** A stable code, such as `revision_mismatch`. */
  readonly code: string;
  readonly message: string;
  readonly details: unknown;
}

export type Outcome = Accepted | Rejected;

/**
 * The low-level port of a replicated state machine. `defineMachine` builds one from handlers; implement it directly for
 * a machine that keeps its state elsewhere.
 *
 * It must be deterministic: the same commands in the same order give the same outcomes and the same state on every
 * replica. It reads no clock, draws no randomness of its own, does no I/O, and knows no other machine.
 */
export interface StateMachine {
  readonly name: string;
  readonly version: number;
  /**
   * Where all of its state is, if it is in a space: then whoever runs the machine saves and replaces the state there, and the machine
   * keeps nothing that it has read.
   */
  readonly space?: StateSpace | undefined;
  /** Applies committed commands in order; one outcome for each. */
  apply(commands: readonly CommittedCommand[]): readonly Outcome[];
  /** Answers a read from the current state. Throws a `MachineError` for an unknown query or bad input. */
  query(type: string, input: unknown): unknown;
  /** Checks a command before it reaches the log and encodes it. Throws a `MachineError` with the offending path. */
  encode(command: Command): Promise<Uint8Array>;
  /** Decodes a command for people who read a log. Throws a `MachineError` for bytes that are no command. */
  decode(payload: Uint8Array): Command;
  /** The whole state. Equal states give equal bytes. */
  snapshot(): Uint8Array;
  /** The whole state is replaced, or, where this throws `malformed_payload`, nothing is. */
  restore(snapshot: Uint8Array): void;
}
