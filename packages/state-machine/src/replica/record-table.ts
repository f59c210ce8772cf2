import type { StateSpace } from '../space/state-space.ts';
import { SpaceTable } from '../space/table.ts';

/** How a record is written: as a value that the codec carries. */
export interface RecordFormat<Id extends number | string, Value> {
  write(value: Value): unknown;
  /** Of what `write` gave. */
  read(id: Id, written: unknown): Value;
}

/** What is common to record tables of all kinds. */
export interface StoredRecords {
  /** Writes the records that have changed since the last call; all of them where changes are not tracked. */
  save(space: StateSpace): void;
}

/**
 * Records of a group's bookkeeping by their number or name. All of them are in memory; `save` writes them to a space, into a table that no
 * machine can have, because its name begins with `$`.
 */
export class RecordTable<Id extends number | string, Value> implements StoredRecords {
  readonly #name: string;
  readonly #format: RecordFormat<Id, Value>;
  readonly #records = new Map<Id, Value>();
  /** Null where nobody saves changes: a machine in memory writes everything with each snapshot, and nothing in between. */
  readonly #changed: Set<Id> | null;

  constructor(name: string, format: RecordFormat<Id, Value>, tracksChanges: boolean) {
    this.#name = `$${name}`;
    this.#format = format;
    this.#changed = tracksChanges ? new Set() : null;
  }

  get size(): number {
    return this.#records.size;
  }

  get(id: Id): Value | undefined {
    return this.#records.get(id);
  }

  values(): IterableIterator<Value> {
    return this.#records.values();
  }

  entries(): IterableIterator<[Id, Value]> {
    return this.#records.entries();
  }

  set(id: Id, value: Value): void {
    this.#records.set(id, value);
    this.#changed?.add(id);
  }

  /** The record was changed in place. */
  touch(id: Id): void {
    this.#changed?.add(id);
  }

  /** Whether there was one. */
  delete(id: Id): boolean {
    const isThere = this.#records.delete(id);
    if (isThere) this.#changed?.add(id);
    return isThere;
  }

  /** Reads what was saved, in the order of the ids. */
  load(space: StateSpace): void {
    for (const [id, written] of this.#tableIn(space).range()) this.#records.set(id, this.#format.read(id, written));
  }

  save(space: StateSpace): void {
    if (this.#changed?.size === 0) return;
    const table = this.#tableIn(space);
    for (const id of this.#changed ?? this.#records.keys()) {
      const value = this.#records.get(id);
      if (value === undefined) table.delete(id);
      else table.put(id, this.#format.write(value));
    }
    this.#changed?.clear();
  }

  #tableIn(space: StateSpace): SpaceTable<unknown, Id> {
    return new SpaceTable(space, this.#name);
  }
}
