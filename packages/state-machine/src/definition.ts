import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Accepted, FiredTimer, MachineEvent, Rejected, StateMachine } from './contract.ts';
import type { StateSpace } from './space/state-space.ts';
import type { SpaceState } from './space/tables.ts';

/** An event whose type is known by name. */
export interface TypedEvent<Type extends string, Data> extends MachineEvent {
  readonly type: Type;
  readonly data: Data;
}

/** A command was taken, with a reply of a known type. */
export interface TypedAccepted<Reply, Event extends MachineEvent> extends Accepted {
  readonly reply: Reply;
  readonly events: readonly Event[];
}

/** What an event handler may know about the entry that it belongs to. */
export interface EventContext {
  /** The log index of the command that caused the event. */
  readonly index: number;
  readonly term: number;
  /** Log time in milliseconds since 1970: the only clock of a machine. */
  readonly now: number;
}

/** What a command handler may know besides state and input. Every replica sees the same. */
export interface CommandContext extends EventContext {
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
  effect(type: string, data: unknown, options?: EffectRequestOptions): void;
}

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

/** What a command handler may return. A plain list of events means "accepted, without a reply". */
export type Decision = readonly MachineEvent[] | Accepted | Rejected;

export interface CommandParts<State, Input, Output, Result> {
  readonly schema: StandardSchemaV1<Input, Output>;
  readonly handler: (state: State, input: Output, ctx: CommandContext) => Result;
}

/**
 * What `command` returns: a function that gives the parts.
 *
 * It is a function, not the parts themselves, because TypeScript puts off a nested generic call whose result is a
 * function until it has inferred the rest of the surrounding call. That is what lets `defineMachine` infer the state
 * from `state` first and hand it to every handler.
 */
export type CommandDefinition<State, Input, Output, Result> = () => CommandParts<State, Input, Output, Result>;

export interface QueryParts<State, Input, Output, Result> {
  /** Null where the query takes no input. */
  readonly schema: StandardSchemaV1<Input, Output> | null;
  readonly handler: (state: State, input: Output) => Result;
}

/** What `query` returns; a function for the same reason as {@link CommandDefinition}. */
export type QueryDefinition<State, Input, Output, Result> = () => QueryParts<State, Input, Output, Result>;

// biome-ignore lint/suspicious/noExplicitAny: only `any` stands for "whatever the inferred schema and result are" in both directions of variance
type Anything = any;

/** Changes the state in place or returns a new one. It must not throw: a throw here stops the member. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that changes the state in place has a body without a return
export type EventHandler<State> = (state: State, data: Anything, ctx: EventContext) => State | void;

export type CommandDefinitions<State> = Readonly<Record<string, CommandDefinition<State, Anything, Anything, Anything>>>;
export type QueryDefinitions<State> = Readonly<Record<string, QueryDefinition<State, Anything, Anything, Anything>>>;
export type EventHandlers<State> = Readonly<Record<string, EventHandler<State>>>;

/** A machine as `defineMachine` made it: data that the runtime, the gateways, the client and the tests read. */
export interface MachineDefinition<State, Commands, Queries> {
  readonly name: string;
  readonly version: number;
  readonly state: (() => State) | SpaceState<State>;
  readonly commands: Commands;
  readonly events: EventHandlers<State>;
  readonly queries: Queries;
  /**
   * A machine in its initial state. One of tables has them in `space` and begins with what that holds; without a space they are in
   * memory.
   */
  create(space?: StateSpace): StateMachine;
}

/** Any machine definition, where the types of its handlers do not matter. */
export type AnyMachineDefinition = MachineDefinition<Anything, Anything, Anything>;

type EventsIn<Result> = Result extends readonly (infer Event)[]
  ? Event
  : Result extends TypedAccepted<Anything, infer Event>
    ? Event
    : never;

type ReplyIn<Result> = Result extends readonly Anything[] ? undefined : Result extends TypedAccepted<infer Reply, Anything> ? Reply : never;

/** Every event that the commands of `Commands` can cause, as a union. */
export type EventsOfCommands<Commands> = {
  [Name in keyof Commands]: Commands[Name] extends CommandDefinition<Anything, Anything, Anything, infer Result> ? EventsIn<Result> : never;
}[keyof Commands];

/** The data that an event of type `Type` carries, over all commands that cause it. */
export type DataOfEvent<Commands, Type> = Extract<EventsOfCommands<Commands>, { readonly type: Type }>['data'];

/** The state of a machine. */
export type StateOf<Machine extends AnyMachineDefinition> =
  Machine extends MachineDefinition<infer State, Anything, Anything> ? State : never;

/** Every event of a machine, as a union. */
export type EventOf<Machine extends AnyMachineDefinition> = EventsOfCommands<Machine['commands']>;

/** What a caller passes to the command `Name`. */
export type CommandInput<Machine extends AnyMachineDefinition, Name extends keyof Machine['commands']> =
  Machine['commands'][Name] extends CommandDefinition<Anything, infer Input, Anything, Anything> ? Input : never;

/** What the command `Name` replies; `undefined` where its handler returns events only. */
export type CommandReply<Machine extends AnyMachineDefinition, Name extends keyof Machine['commands']> =
  Machine['commands'][Name] extends CommandDefinition<Anything, Anything, Anything, infer Result> ? ReplyIn<Result> : never;

/** What a caller passes to the query `Name`; `void` where it takes no input. */
export type QueryInput<Machine extends AnyMachineDefinition, Name extends keyof Machine['queries']> =
  Machine['queries'][Name] extends QueryDefinition<Anything, infer Input, Anything, Anything> ? Input : never;

/** What the query `Name` answers. */
export type QueryAnswer<Machine extends AnyMachineDefinition, Name extends keyof Machine['queries']> =
  Machine['queries'][Name] extends QueryDefinition<Anything, Anything, Anything, infer Result> ? Result : never;

/** Every command of a machine with its input, as a union. */
export type CommandOf<Machine extends AnyMachineDefinition> = {
  [Name in keyof Machine['commands'] & string]: { readonly type: Name; readonly input: CommandInput<Machine, Name> };
}[keyof Machine['commands'] & string];
