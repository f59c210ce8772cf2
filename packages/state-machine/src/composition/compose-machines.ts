import { badDefinition, checkComposition, checkVersions, partVersion } from '../check-definition.ts';
import type {
  AnyMachineDefinition,
  Anything,
  CommandDefinitions,
  MachineDefinition,
  Migration,
  QueryDefinitions,
  Upcasters,
} from '../definition.ts';
import type { EventHandlerCheck } from '../event-handler-check.ts';
import { EventSourcedMachine } from '../event-sourced-machine.ts';
import type { SpaceState } from '../space/tables.ts';
import { migrateState } from '../versions-of.ts';
import type { ComposedState, MachineRecord, PartCommands, PartEffects, PartEvents, PartQueries } from './composed-types.ts';
import { partUnder, upcastersUnder } from './part.ts';

/** What `composeMachines` takes. */
export interface CompositionSpecification<Machines, Commands, Queries> {
  readonly name: string;
  /** A positive integer; raise it when the version of a part rises, and when what is said here changes its meaning. */
  readonly version: number;
  /** The parts, by names that begin whatever is theirs: the command `deposit` of `accounts` is called `accounts.deposit`. */
  readonly machines: Machines;
  /** Commands that see the states of all parts, and cause events of several at once: all of them or none. */
  readonly commands?: Commands;
  /** Queries that see the states of all parts. */
  readonly queries?: Queries;
  /**
   * The version before this one, composed as well. Its parts migrate as they say themselves, one version at a time; a part that is new
   * begins in its initial state, and one that is left out is forgotten.
   */
  readonly previous?: AnyMachineDefinition;
  /** What the version before called otherwise, besides what the parts say. */
  readonly upcast?: Upcasters;
}

/**
 * Several machines side by side in one group: they share its log, and a command may span them.
 *
 * The states of all parts are in objects, or those of all parts are in tables. Throws a `MachineError` with code `machine_defect` for a
 * composition that cannot work.
 */
export function composeMachines<
  const Machines extends MachineRecord,
  const Commands extends CommandDefinitions<ComposedState<Machines>, PartEffects<Machines>> = Record<never, never>,
  const Queries extends QueryDefinitions<ComposedState<Machines>> = Record<never, never>,
>(
  specification: CompositionSpecification<Machines, Commands, Queries>,
  ..._check: EventHandlerCheck<Commands, PartEvents<Machines>>
): MachineDefinition<
  ComposedState<Machines>,
  PartCommands<Machines> & Commands,
  PartQueries<Machines> & Queries,
  PartEvents<Machines>,
  PartEffects<Machines>
> {
  const { name, version, machines, previous = null, commands = {}, queries = {} } = specification;
  checkComposition({ name, version, machines, commands, queries, previous });
  const parts = Object.entries(machines).map(([part, machine]) => partUnder(part, machine));
  const definition: AnyMachineDefinition = Object.freeze({
    name,
    version,
    state: stateOf(name, machines),
    commands: Object.assign({}, ...parts.map(({ commands }) => commands), commands),
    events: Object.assign({}, ...parts.map(({ events }) => events)),
    queries: Object.assign({}, ...parts.map(({ queries }) => queries), queries),
    effects: Object.assign({}, ...parts.map(({ effects }) => effects)),
    previous,
    migrate: previous && migrationBetween(previous, machines),
    upcast: upcastersOf(previous, machines, specification.upcast),
    machines,
    create: (space) => new EventSourcedMachine(definition, space),
  } satisfies AnyMachineDefinition);
  checkVersions(definition);
  return definition;
}

function stateOf(name: string, machines: MachineRecord): AnyMachineDefinition['state'] {
  const states = Object.entries(machines).map(([part, { state }]) => [part, state] as const);
  const inTables = states.filter((each): each is readonly [string, SpaceState<unknown>] => 'kind' in each[1]);
  if (inTables.length === 0) return () => Object.fromEntries(states.map(([part, state]) => [part, (state as () => unknown)()]));
  if (inTables.length < states.length)
    throw badDefinition(
      `"${name}" has parts whose state is in tables, and others: ${states.map(([part]) => part).join(', ')}`,
      'Keep the states of all parts in tables, or those of all parts in objects.',
    );
  return {
    kind: 'tables',
    names: inTables.flatMap(([part, { names }]) => names.map((table) => `${part}.${table}`)),
    over: (space, prefix = '') => Object.fromEntries(inTables.map(([part, state]) => [part, state.over(space, `${prefix}${part}.`)])),
  };
}

/** The parts that are one version further than in `previous`; that none is further than that was checked. */
function risen(previous: AnyMachineDefinition | null, machines: MachineRecord): readonly (readonly [string, AnyMachineDefinition])[] {
  return Object.entries(machines).filter(([part, { version }]) => partVersion(previous, part) === version - 1);
}

function migrationBetween(previous: AnyMachineDefinition, machines: MachineRecord): Migration<Anything, Anything> {
  const ahead = new Map(risen(previous, machines));
  return (from, to) => {
    const states = Object.entries(machines).map(([part, machine]) => {
      if (!Object.hasOwn(from, part)) return [part, to[part]];
      if (!ahead.has(part)) return [part, from[part]];
      if (!('kind' in machine.state)) return [part, migrateState(machine, from[part])];
      machine.migrate?.(from[part], to[part]);
      return [part, to[part]];
    });
    const isInTables = Object.values(machines).some(({ state }) => 'kind' in state);
    return isInTables ? undefined : Object.fromEntries(states);
  };
}

function upcastersOf(previous: AnyMachineDefinition | null, machines: MachineRecord, own: Upcasters = {}): Upcasters {
  const all = [...risen(previous, machines).map(([part, { upcast }]) => upcastersUnder(part, upcast)), own];
  return {
    events: Object.assign({}, ...all.map(({ events }) => events)),
    commands: Object.assign({}, ...all.map(({ commands }) => commands)),
  };
}
