import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CommandContext, EventContext } from './context.ts';
import type { Accepted, Command, MachineEvent, Rejected, StateMachine } from './contract.ts';
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

/** A command was refused, with a code and details of known types. */
export interface TypedRejected<Code extends string, Details> extends Rejected {
  readonly code: Code;
  readonly details: Details;
}

/** What a command handler may return. A plain list of events means "accepted, without a reply". */
export type Decision = readonly MachineEvent[] | Accepted | Rejected;

/** What a rejection with a certain code means. */
export interface ErrorDescription {
  readonly description: string;
  /** The HTTP status that goes with it, 400 to 599. Default: the gateway's for rejections. */
  readonly status?: number;
}

/** What is told of a command besides what its handler does. */
export interface CommandOptions<Code extends string = string> {
  readonly description?: string;
  /** What the reply looks like: for documents, nobody checks it. */
  readonly reply?: StandardSchemaV1<Anything, Anything>;
  /** Every code that the handler rejects with, and what it means; more do no harm. */
  readonly errors?: { readonly [Each in Code]: string | ErrorDescription } & Readonly<Record<string, string | ErrorDescription>>;
}

/** What is told of a query besides what its handler does. */
export interface QueryOptions {
  readonly description?: string;
  /** What the answer looks like: for documents, nobody checks it. */
  readonly answer?: StandardSchemaV1<Anything, Anything>;
}

export interface CommandParts<State, Input, Output, Result, Effects = EffectDefinitions> {
  readonly schema: StandardSchemaV1<Input, Output>;
  readonly handler: (state: State, input: Output, ctx: CommandContext<Effects>) => Result;
  readonly options: CommandOptions;
}

/**
 * What `command` returns: a function that gives the parts.
 *
 * It is a function, not the parts themselves, because TypeScript puts off a nested generic call whose result is a
 * function until it has inferred the rest of the surrounding call. That is what lets `defineMachine` infer the state
 * from `state` first and hand it to every handler.
 */
export type CommandDefinition<State, Input, Output, Result, Effects = Anything> = () => CommandParts<State, Input, Output, Result, Effects>;

export interface QueryParts<State, Input, Output, Result> {
  /** Null where the query takes no input. */
  readonly schema: StandardSchemaV1<Input, Output> | null;
  readonly handler: (state: State, input: Output) => Result;
  readonly options: QueryOptions;
}

/** What `query` returns; a function for the same reason as {@link CommandDefinition}. */
export type QueryDefinition<State, Input, Output, Result> = () => QueryParts<State, Input, Output, Result>;

// biome-ignore lint/suspicious/noExplicitAny: only `any` stands for "whatever the inferred schema and result are" in both directions of variance
export type Anything = any;

/** Changes the state in place or returns a new one. It must not throw: a throw here stops the member. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that changes the state in place has a body without a return
export type EventHandler<State> = (state: State, data: Anything, ctx: EventContext) => State | void;

export type CommandDefinitions<State, Effects = Anything> = Readonly<
  Record<string, CommandDefinition<State, Anything, Anything, Anything, Effects>>
>;
export type QueryDefinitions<State> = Readonly<Record<string, QueryDefinition<State, Anything, Anything, Anything>>>;
export type EventHandlers<State> = Readonly<Record<string, EventHandler<State>>>;

/** Something that commands may ask for and that is done outside of the machine. */
export interface EffectDefinition<Input, Output> {
  readonly kind: 'effect';
  readonly schema: StandardSchemaV1<Input, Output>;
  /** Absent for none. */
  readonly description?: string | undefined;
}

export type EffectDefinitions = Readonly<Record<string, EffectDefinition<Anything, Anything>>>;

/** What an older version of a machine left, in words of this version. A name that is not here means what it meant. */
export interface Upcasters {
  readonly events?: Readonly<Record<string, (data: Anything) => MachineEvent>> | undefined;
  /** Commands as they wait in timers and effects. The input is as handlers get it: no schema sees it again. */
  readonly commands?: Readonly<Record<string, (input: Anything) => Command>> | undefined;
}

/**
 * The state of the version before, as this one keeps it. One in objects is returned; one in tables is written to `to`, which lies in
 * the same place: a table of the same name is the same table, and one that is no longer there is cleared afterwards.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a migration of tables has a body without a return
export type Migration<Previous, State> = (from: Previous, to: State) => State | void;

/** A machine as `defineMachine` made it: data that the runtime, the gateways, the client and the tests read. */
export interface MachineDefinition<State, Commands, Queries, Events = EventHandlers<State>, Effects = EffectDefinitions> {
  readonly name: string;
  readonly version: number;
  readonly state: (() => State) | SpaceState<State>;
  readonly commands: Commands;
  readonly events: Events;
  readonly queries: Queries;
  readonly effects: Effects;
  /** The version before this one, where the program can run that too. */
  readonly previous: AnyMachineDefinition | null;
  /** Null where the state of `previous` is one of this version as it is. */
  readonly migrate: Migration<Anything, State> | null;
  /** From the version before to this one. */
  readonly upcast: Upcasters;
  /** The machines that a composed one consists of, by the names of the parts; null for one that is not composed. */
  readonly machines: Readonly<Record<string, AnyMachineDefinition>> | null;
  /**
   * A machine in its initial state. One of tables has them in `space` and begins with what that holds; without a space they are in
   * memory.
   */
  create(space?: StateSpace): StateMachine;
}

/** Any machine definition, where the types of its handlers do not matter. */
export type AnyMachineDefinition = MachineDefinition<Anything, Anything, Anything, Anything, Anything>;
