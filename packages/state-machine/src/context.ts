import type { FiredTimer } from './contract.ts';
import type { EffectDefinition, EffectDefinitions } from './definition.ts';

/** What an event handler may know about the entry that it belongs to. */
export interface EventContext {
  /** The log index of the command that caused the event. */
  readonly index: number;
  readonly term: number;
  /** Log time in milliseconds since 1970: the only clock of a machine. */
  readonly now: number;
}

/** What a command handler may know besides state and input. Every replica sees the same. */
export interface CommandContext<Effects = EffectDefinitions> extends EventContext {
  /** A number in [0, 1), drawn from a generator that index and term seed. Predictable: never use it for a secret. */
  random(): number;
  /** A version 4 UUID from the same generator. */
  uuid(): string;
  /** The session of the client that sent the command; null where it has none. */
  readonly session: number | null;
  /** The timer that asked for this command; null for a command of a client. */
  readonly timer: FiredTimer | null;
  /**
   * Lets a command of this machine follow when log time reaches `at`. `id` tells timers apart: one that is scheduled again is replaced.
   * Counts only if this command is accepted.
   */
  schedule(id: string, timer: ScheduledCommand): void;
  /** Takes a timer back; does nothing where there is none. Counts only if this command is accepted. */
  cancel(id: string): void;
  /**
   * Asks for something outside of the machine, see `effects` of `defineMachine`: the leader does it at least once, across failovers.
   * Counts only if this command is accepted.
   */
  effect<Name extends keyof Effects & string>(type: Name, data: EffectInput<Effects[Name]>, options?: EffectRequestOptions): void;
}

type EffectInput<Effect> = Effect extends EffectDefinition<infer Input, infer _Output> ? Input : never;

/** What a timer does when it is due. */
export interface ScheduledCommand {
  /** Log time in milliseconds since 1970, such as `ctx.now + 5000`. */
  readonly at: number;
  /** The name of a command of this machine. */
  readonly command: string;
  readonly input: unknown;
}

export interface EffectRequestOptions {
  /**
   * The name of a command of this machine, which takes an {@link EffectOutcome} as its input, and follows once the effect is done or
   * has failed for good.
   */
  readonly then?: string;
}

/** What came of an effect: the input of the command that follows from it. */
export type EffectOutcome =
  | { readonly id: string; readonly ok: true; readonly result: unknown }
  | { readonly id: string; readonly ok: false; readonly reason: string };
