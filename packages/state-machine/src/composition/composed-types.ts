import type {
  AnyMachineDefinition,
  Anything,
  CommandDefinition,
  EventHandler,
  QueryDefinition,
  TypedAccepted,
  TypedEvent,
  TypedRejected,
} from '../definition.ts';
import type { StateOf } from '../machine-types.ts';

export type MachineRecord = Readonly<Record<string, AnyMachineDefinition>>;

/** The states of all parts, by their names. */
export type ComposedState<Machines extends MachineRecord> = { readonly [Part in keyof Machines]: StateOf<Machines[Part]> };

/** The names of one kind over all parts, such as `accounts.deposit`. */
type NamesOf<Machines extends MachineRecord, Kind extends 'commands' | 'queries' | 'events' | 'effects'> = {
  [Part in keyof Machines & string]: `${Part}.${keyof Machines[Part][Kind] & string}`;
}[keyof Machines & string];

type PrefixedEvent<Part extends string, Event> =
  Event extends TypedEvent<infer Type, infer Data> ? TypedEvent<`${Part}.${Type}`, Data> : never;

/** What a handler of a part returns, with the events under the names of the whole. */
type PrefixedResult<Part extends string, Result> = Result extends readonly (infer Event)[]
  ? readonly PrefixedEvent<Part, Event>[]
  : Result extends TypedAccepted<infer Reply, infer Event>
    ? TypedAccepted<Reply, PrefixedEvent<Part, Event>>
    : Result extends TypedRejected<infer Code, infer Details>
      ? TypedRejected<Code, Details>
      : Result;

type PartCommand<State, Part extends string, Command> =
  Command extends CommandDefinition<Anything, infer Input, infer Output, infer Result>
    ? CommandDefinition<State, Input, Output, PrefixedResult<Part, Result>>
    : never;

type PartQuery<State, Query> =
  Query extends QueryDefinition<Anything, infer Input, infer Output, infer Result> ? QueryDefinition<State, Input, Output, Result> : never;

export type PartCommands<Machines extends MachineRecord> = {
  readonly [Name in NamesOf<Machines, 'commands'>]: Name extends `${infer Part}.${infer Own}`
    ? PartCommand<ComposedState<Machines>, Part, Machines[Part]['commands'][Own]>
    : never;
};

export type PartQueries<Machines extends MachineRecord> = {
  readonly [Name in NamesOf<Machines, 'queries'>]: Name extends `${infer Part}.${infer Own}`
    ? PartQuery<ComposedState<Machines>, Machines[Part]['queries'][Own]>
    : never;
};

export type PartEffects<Machines extends MachineRecord> = {
  readonly [Name in NamesOf<Machines, 'effects'>]: Name extends `${infer Part}.${infer Own}` ? Machines[Part]['effects'][Own] : never;
};

/** The data that a handler of events takes stays known, so that the commands of the whole can be checked against it. */
export type PartEvents<Machines extends MachineRecord> = {
  readonly [Name in NamesOf<Machines, 'events'>]: Name extends `${infer Part}.${infer Own}`
    ? Machines[Part]['events'][Own] extends (state: never, data: infer Data, ctx: infer Context) => unknown
      ? (state: ComposedState<Machines>, data: Data, ctx: Context) => ReturnType<EventHandler<ComposedState<Machines>>>
      : never
    : never;
};
