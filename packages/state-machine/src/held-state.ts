import { decodeSnapshot, encodeSnapshot } from './codec/codec.ts';
import type { AnyMachineDefinition } from './definition.ts';
import { MachineError, passOnNondeterminism } from './machine-error.ts';
import { assertReplaces } from './replaced-state.ts';
import { assertReads, readerOf, type SnapshotOwner } from './snapshot-owner.ts';
import { MemorySpace } from './space/memory-space.ts';
import { encodeSpaceSnapshot, SpaceSnapshotDecoder } from './space/space-snapshot.ts';
import type { KeyRange, KeyValue, StateSpace } from './space/state-space.ts';
import type { SpaceState } from './space/tables.ts';

/** The state of a machine, wherever it is. */
export interface HeldState {
  /** As handlers get it. */
  readonly value: unknown;
  /** Where all of it is, if it is in a space. */
  readonly space: StateSpace | undefined;
  /**
   * Runs the handler of an event: it changes the state in place, or returns a new one. Throws a `MachineError` with code `machine_defect`
   * where what it returned is no state.
   */
  change(event: string, handler: (state: unknown) => unknown): void;
  snapshot(): Uint8Array;
  /** All of it or, where this throws `malformed_payload` or what `assertReads` does, nothing. */
  restore(snapshot: Uint8Array): void;
}

/** The initial state of a machine. One of tables is in `space`, and is what that holds; without a space it is in memory. */
export function holdState({ name, version, state }: AnyMachineDefinition, space?: StateSpace): HeldState {
  const owner = { name, version };
  return 'kind' in state ? new StateInSpace(owner, state, space ?? new MemorySpace()) : new StateInObjects(owner, state);
}

class StateInObjects implements HeldState {
  readonly #owner: SnapshotOwner;
  readonly #initial: () => unknown;
  #value: unknown;

  constructor(owner: SnapshotOwner, initial: () => unknown) {
    this.#owner = owner;
    this.#initial = initial;
    this.#value = initial();
  }

  get value(): unknown {
    return this.#value;
  }

  get space(): undefined {
    return undefined;
  }

  change(event: string, handler: (state: unknown) => unknown): void {
    const next = handler(this.#value);
    if (next === undefined) return;
    assertReplaces(`event "${event}"`, this.#value, next, this.#initial);
    this.#value = next;
  }

  snapshot(): Uint8Array {
    const { name, version } = this.#owner;
    try {
      return encodeSnapshot({ name, version, state: this.#value });
    } catch (cause) {
      passOnNondeterminism(cause);
      throw new MachineError(
        'machine_defect',
        `the state of machine "${name}" cannot be written: ${cause instanceof Error ? cause.message : 'something in it threw'}`,
        'Let its event handlers keep plain data in few levels: rows side by side rather than each within the one before.',
        { cause },
      );
    }
  }

  restore(snapshot: Uint8Array): void {
    const { name, version, state } = decodeSnapshot(snapshot);
    assertReads(readerOf(this.#owner), { name, version }, 'the snapshot');
    this.#value = state;
  }
}

class StateInSpace implements HeldState {
  readonly value: unknown;
  readonly space: StateSpace;
  readonly #owner: SnapshotOwner;
  readonly #guard: GuardedSpace;

  constructor(owner: SnapshotOwner, state: SpaceState<unknown>, space: StateSpace) {
    this.#owner = owner;
    this.space = space;
    this.#guard = new GuardedSpace(space);
    this.value = state.over(this.#guard);
  }

  change(_event: string, handler: (state: unknown) => unknown): void {
    this.#guard.isOpen = true;
    try {
      const next = handler(this.value);
      if (next !== undefined) throw defect('a state of tables is changed in place, and this event handler returned one');
    } finally {
      this.#guard.isOpen = false;
    }
  }

  snapshot(): Uint8Array {
    const parts = [...encodeSpaceSnapshot(this.#owner, this.space.range())];
    const snapshot = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of parts) {
      snapshot.set(part, at);
      at += part.length;
    }
    return snapshot;
  }

  restore(snapshot: Uint8Array): void {
    const decoder = new SpaceSnapshotDecoder(readerOf(this.#owner));
    const pairs = decoder.take(snapshot);
    decoder.end();
    for (const [key] of this.space.range()) this.space.delete(key.slice());
    for (const [key, value] of pairs) this.space.put(key.slice(), value.slice());
  }
}

/** What handlers write to: it takes writes only while an event handler runs. */
class GuardedSpace implements StateSpace {
  readonly #space: StateSpace;
  isOpen = false;

  constructor(space: StateSpace) {
    this.#space = space;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#space.get(key);
  }

  range(range?: KeyRange): Iterable<KeyValue> {
    return this.#space.range(range);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#assertOpen();
    this.#space.put(key, value);
  }

  delete(key: Uint8Array): void {
    this.#assertOpen();
    this.#space.delete(key);
  }

  #assertOpen(): void {
    if (!this.isOpen) throw defect('a table was written outside of an event handler');
  }
}

function defect(what: string): MachineError {
  return new MachineError('machine_defect', what, 'Commands decide events; the handlers of events write to the tables they were given.');
}
