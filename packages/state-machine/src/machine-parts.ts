import type { AnyMachineDefinition, CommandParts, EffectDefinition, EventHandler, QueryParts } from './definition.ts';

export type AnyCommand = CommandParts<unknown, unknown, unknown, unknown>;
export type AnyQuery = QueryParts<unknown, unknown, unknown, unknown>;
export type AnyEffect = EffectDefinition<unknown, unknown>;

/** What a machine consists of, by name. Maps, not objects: a command called `constructor` must not find anything that it was not given. */
export interface MachineParts {
  readonly commands: ReadonlyMap<string, AnyCommand>;
  readonly events: ReadonlyMap<string, EventHandler<unknown>>;
  readonly queries: ReadonlyMap<string, AnyQuery>;
  readonly effects: ReadonlyMap<string, AnyEffect>;
}

export function partsOf({ commands, events, queries, effects }: AnyMachineDefinition): MachineParts {
  return {
    commands: new Map(Object.entries<() => AnyCommand>(commands).map(([name, parts]) => [name, parts()])),
    events: new Map(Object.entries<EventHandler<unknown>>(events)),
    queries: new Map(Object.entries<() => AnyQuery>(queries).map(([name, parts]) => [name, parts()])),
    effects: new Map(Object.entries<AnyEffect>(effects)),
  };
}
