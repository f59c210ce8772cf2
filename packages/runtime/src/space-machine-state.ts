import type { GroupId, Index } from '@flotilla/core';
import { decodeSpaceSnapshot, encodeSpaceSnapshot, type SnapshotOwner } from '@flotilla/state-machine';
import type { StateStore, StateView } from '@flotilla/storage';
import type { Journal } from './journal.ts';
import type { CapturedState, MachineState } from './machine-state.ts';

/** The state of a machine that keeps it in the state store: it is there when the machine starts, and may be larger than the memory. */
export class SpaceMachineState implements MachineState {
  readonly #owner: SnapshotOwner;
  readonly #store: StateStore;
  readonly #group: GroupId;
  readonly #journal: Journal;
  readonly #appliedIndex: () => Index;

  /** `owner` is the machine. */
  constructor(owner: SnapshotOwner, store: StateStore, group: GroupId, journal: Journal, appliedIndex: () => Index) {
    this.#owner = owner;
    this.#store = store;
    this.#group = group;
    this.#journal = journal;
    this.#appliedIndex = appliedIndex;
  }

  get recoveredIndex(): Index {
    return this.#store.applied(this.#group);
  }

  async capture(): Promise<CapturedState> {
    // A view shows what is committed; what is only applied would be missing, and the snapshot might be older than the last one.
    await this.#journal.committed(this.#appliedIndex());
    const view = await this.#store.view(this.#group);
    return { index: view.index, parts: partsOf(this.#owner, view), close: () => view.close() };
  }

  async install(index: Index, parts: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#journal.committed(this.#appliedIndex());
    await this.#store.install(this.#group, index, decodeSpaceSnapshot(this.#owner, parts));
  }
}

async function* partsOf(owner: SnapshotOwner, view: StateView): AsyncGenerator<Uint8Array, void, void> {
  yield* encodeSpaceSnapshot(owner, view.range());
}
