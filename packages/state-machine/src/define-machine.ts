import type { CommandDefinitions, EffectDefinitions, EventHandlers, MachineDefinition, QueryDefinitions } from './definition.ts';
import { EventSourcedMachine } from './event-sourced-machine.ts';
import { MachineError } from './machine-error.ts';
import type { DataOfEvent, EventsOfCommands } from './machine-types.ts';
import type { SpaceState } from './space/tables.ts';

type EventNames<Commands> =
  EventsOfCommands<Commands> extends infer Event ? (Event extends { readonly type: infer Type } ? Type : never) : never;

type NamesTakingOtherData<Commands, Handlers> = {
  [Name in keyof Handlers & EventNames<Commands>]: Handlers[Name] extends (state: never, data: infer Data, ctx: never) => unknown
    ? DataOfEvent<Commands, Name> extends Data
      ? never
      : Name
    : never;
}[keyof Handlers & EventNames<Commands>];

/**
 * Nothing to pass where the event handlers fit the commands. Otherwise one argument that nobody can have, so that the
 * compiler reports the call and names what is wrong.
 */
type EventHandlerCheck<Commands, Handlers> =
  string extends EventNames<Commands>
    ? []
    : [Exclude<EventNames<Commands>, keyof Handlers>] extends [never]
      ? [NamesTakingOtherData<Commands, Handlers>] extends [never]
        ? []
        : [eventHandlerTakesOtherDataThanItsCommandsGive: NamesTakingOtherData<Commands, Handlers>]
      : [eventWithoutHandler: Exclude<EventNames<Commands>, keyof Handlers>];

/** What `defineMachine` takes. */
export interface MachineSpecification<State, Commands, Handlers, Queries, Effects = EffectDefinitions> {
  /** Part of every snapshot: another machine's snapshot is refused. Letters, digits, `-` and `_`. */
  readonly name: string;
  /** A positive integer; raise it when the meaning of commands, events or state changes. */
  readonly version: number;
  /** The initial state: anything that the codec can write; or `tables(…)`, which are kept in the state store. */
  readonly state: (() => State) | SpaceState<State>;
  readonly commands: Commands;
  readonly events: Handlers;
  readonly queries: Queries;
  /** What commands may ask for with `ctx.effect`. Default: nothing. */
  readonly effects?: Effects;
}

/**
 * Defines a replicated state machine from its handlers.
 *
 * Types: the state comes from `state`, inputs from the schemas, replies and events from what the command handlers return.
 * The one thing that TypeScript cannot infer in a single call is the data of an event inside its handler (handlers of
 * `events` are checked before the commands are inferred), so `data` is `any` there unless annotated. An annotation is
 * checked against what the commands give, and so is that every event has a handler.
 *
 * Throws a `MachineError` with code `machine_defect` for a definition that cannot work.
 */
export function defineMachine<
  State,
  const Commands extends CommandDefinitions<State>,
  const Handlers extends EventHandlers<State>,
  const Queries extends QueryDefinitions<State>,
  const Effects extends EffectDefinitions = Record<never, never>,
>(
  specification: MachineSpecification<State, Commands, Handlers, Queries, Effects>,
  ..._check: EventHandlerCheck<Commands, Handlers>
): MachineDefinition<State, Commands, Queries, Handlers, Effects> {
  const { name, version, state, commands, events, queries, effects = {} as Effects } = specification;
  checkDefinition(specification);
  const definition: MachineDefinition<State, Commands, Queries, Handlers, Effects> = {
    name,
    version,
    state,
    commands,
    events,
    queries,
    effects,
    create: (space) => new EventSourcedMachine(definition, space),
  };
  return Object.freeze(definition);
}

// Commands and queries become methods of one client object and segments of URLs; `then` would make that client a promise.
const namePattern = /^[A-Za-z][A-Za-z0-9_-]*$/;

function checkDefinition(specification: MachineSpecification<unknown, object, object, object>): void {
  const { name, version, state, commands, queries } = specification;
  if (!namePattern.test(name)) throw badDefinition(`"${name}" is no name for a machine`);
  if (!Number.isSafeInteger(version) || version < 1) throw badDefinition(`${version} is no version of machine "${name}"`);
  for (const called of [...Object.keys(commands), ...Object.keys(queries)])
    if (!namePattern.test(called) || called === 'then') throw badDefinition(`"${called}" is no name for a command or query of "${name}"`);
  for (const called of 'kind' in state ? state.names : [])
    if (!namePattern.test(called)) throw badDefinition(`"${called}" is no name for a table of "${name}"`);
  for (const called of Object.keys(queries))
    if (Object.hasOwn(commands, called)) throw badDefinition(`"${called}" names both a command and a query of "${name}"`);
}

function badDefinition(message: string): MachineError {
  return new MachineError(
    'machine_defect',
    message,
    'Names start with a letter and go on with letters, digits, "-" and "_"; no command shares its name with a query; a version is a positive integer.',
  );
}
