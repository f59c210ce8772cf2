import type { StateSpace } from './state-space.ts';
import { SpaceTable, type Table } from './table.ts';
import type { TableKey } from './table-key.ts';

declare const tableTypes: unique symbol;

/** What a table holds, for {@link tables}. */
export interface TableDefinition<Value, Key extends TableKey> {
  readonly kind: 'table';
  /** Never there: it is how the types are told. */
  readonly [tableTypes]?: readonly [Value, Key];
}

// biome-ignore lint/suspicious/noExplicitAny: a value stands in both directions of variance
export type TableShape = Readonly<Record<string, TableDefinition<any, any>>>;

/** The tables as handlers get them. */
export type TablesOf<Shape extends TableShape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends TableDefinition<infer Value, infer Key> ? Table<Value, Key> : never;
};

/**
 * A state that is kept in a space. Not a function: TypeScript would put off a nested generic call whose result is one, and handlers
 * would not know their state.
 */
export interface SpaceState<State> {
  readonly kind: 'tables';
  readonly names: readonly string[];
  /** The state that `space` holds, in tables whose names there begin with `prefix`. */
  over(space: StateSpace, prefix?: string): State;
}

/** A table of a machine's state. Keys are strings unless it says otherwise: safe integers, or tuples of both. */
export function table<Value, Key extends TableKey = string>(): TableDefinition<Value, Key> {
  return { kind: 'table' };
}

/**
 * For `state` of `defineMachine`: the state is these tables, and nothing else. They are kept in the state store of the host, so that
 * the state may be larger than the memory, and a restart finds it as it was.
 */
export function tables<const Shape extends TableShape>(shape: Shape): SpaceState<TablesOf<Shape>> {
  const names = Object.keys(shape);
  const over = (space: StateSpace, prefix = '') =>
    Object.fromEntries(names.map((name) => [name, new SpaceTable(space, prefix + name)] as const)) as unknown as TablesOf<Shape>;
  return { kind: 'tables', names, over };
}
