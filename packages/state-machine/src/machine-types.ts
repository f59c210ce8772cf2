import type {
  AnyMachineDefinition,
  Anything,
  CommandDefinition,
  MachineDefinition,
  QueryDefinition,
  TypedAccepted,
  TypedRejected,
} from './definition.ts';

type EventsIn<Result> = Result extends readonly (infer Event)[]
  ? Event
  : Result extends TypedAccepted<Anything, infer Event>
    ? Event
    : never;

type ReplyIn<Result> = Result extends readonly Anything[] ? undefined : Result extends TypedAccepted<infer Reply, Anything> ? Reply : never;

type RejectionIn<Result> =
  Result extends TypedRejected<infer Code, infer Details> ? { readonly code: Code; readonly details: Details } : never;

/** Every code that a handler with this result rejects with. */
export type CodeIn<Result> = RejectionIn<Result>['code'];

/** Every event that the commands of `Commands` can cause, as a union. */
export type EventsOfCommands<Commands> = {
  [Name in keyof Commands]: Commands[Name] extends CommandDefinition<Anything, Anything, Anything, infer Result> ? EventsIn<Result> : never;
}[keyof Commands];

/** The data that an event of type `Type` carries, over all commands that cause it. */
export type DataOfEvent<Commands, Type> = Extract<EventsOfCommands<Commands>, { readonly type: Type }>['data'];

/** The state of a machine. */
export type StateOf<Machine extends AnyMachineDefinition> =
  Machine extends MachineDefinition<infer State, Anything, Anything, Anything, Anything> ? State : never;

/** Every event of a machine, as a union. */
export type EventOf<Machine extends AnyMachineDefinition> = EventsOfCommands<Machine['commands']>;

/** What a caller passes to the command `Name`. */
export type CommandInput<Machine extends AnyMachineDefinition, Name extends keyof Machine['commands']> =
  Machine['commands'][Name] extends CommandDefinition<Anything, infer Input, Anything, Anything> ? Input : never;

/** What the command `Name` replies; `undefined` where its handler returns events only. */
export type CommandReply<Machine extends AnyMachineDefinition, Name extends keyof Machine['commands']> =
  Machine['commands'][Name] extends CommandDefinition<Anything, Anything, Anything, infer Result> ? ReplyIn<Result> : never;

/** Why the command `Name` may be rejected by its handler, as a union over the codes. */
export type CommandRejection<Machine extends AnyMachineDefinition, Name extends keyof Machine['commands']> =
  Machine['commands'][Name] extends CommandDefinition<Anything, Anything, Anything, infer Result> ? RejectionIn<Result> : never;

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
