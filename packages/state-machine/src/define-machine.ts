import { checkDefinition } from './check-definition.ts';
import type {
  Anything,
  CommandDefinitions,
  EffectDefinitions,
  EventHandlers,
  MachineDefinition,
  Migration,
  QueryDefinitions,
  Upcasters,
} from './definition.ts';
import type { EventHandlerCheck } from './event-handler-check.ts';
import { EventSourcedMachine } from './event-sourced-machine.ts';
import type { SpaceState } from './space/tables.ts';

/** What `defineMachine` takes. */
export interface MachineSpecification<State, Commands, Handlers, Queries, Effects = EffectDefinitions, Previous = Anything> {
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
  /**
   * The version before this one. A program that has both takes part in a group of either, and the group goes over to the new version
   * once all members can. Without it a program runs this version only.
   */
  readonly previous?: MachineDefinition<Previous, Anything, Anything, Anything, Anything>;
  /** The state of `previous` as this version keeps it. Default: it stays as it is. */
  readonly migrate?: Migration<NoInfer<Previous>, NoInfer<State>>;
  /** What the version before called otherwise. */
  readonly upcast?: Upcasters;
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
  const Commands extends CommandDefinitions<State, Effects>,
  const Handlers extends EventHandlers<State>,
  const Queries extends QueryDefinitions<State>,
  const Effects extends EffectDefinitions = Record<never, never>,
  Previous = never,
>(
  specification: MachineSpecification<State, Commands, Handlers, Queries, Effects, Previous>,
  ..._check: EventHandlerCheck<Commands, Handlers>
): MachineDefinition<State, Commands, Queries, Handlers, Effects> {
  const { name, version, state, commands, events, queries, effects = {} as Effects } = specification;
  const { previous = null, migrate = null, upcast = {} } = specification;
  const definition: MachineDefinition<State, Commands, Queries, Handlers, Effects> = {
    name,
    version,
    state,
    commands,
    events,
    queries,
    effects,
    previous,
    migrate,
    upcast,
    machines: null,
    create: (space) => new EventSourcedMachine(definition, space),
  };
  checkDefinition(definition);
  return Object.freeze(definition);
}
