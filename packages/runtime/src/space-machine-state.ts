import type { GroupId, Index } from '@flotilla/core';
import { decodeSpaceSnapshot, encodeSpaceSnapshot, noVersion, type ReplicatedMachine } from '@flotilla/state-machine';
import type { StateStore } from '@flotilla/storage';
import type { Journal } from './journal.ts';
import type { CapturedState, MachineState } from './machine-state.ts';

/** The state of a machine that keeps it in the state store: it is there when the machine starts, and may be larger than the memory. */
export class SpaceMachineState implements MachineState {
  readonly #machine: ReplicatedMachine;
  readonly #store: StateStore;
  readonly #group: GroupId;
  readonly #journal: Journal;
  readonly #appliedIndex: () => Index;

  constructor(machine: ReplicatedMachine, store: StateStore, group: GroupId, journal: Journal, appliedIndex: () => Index) {
    this.#machine = machine;
    this.#store = store;
    this.#group = group;
    this.#journal = journal;
    this.#appliedIndex = appliedIndex;
  }

  get recoveredIndex(): Index {
    return this.#store.applied(this.#group);
  }

  async capture(): Promise<CapturedState> {
    for (;;) {
      const { name } = this.#machine;
      const version = this.#activeVersion;
      // A view shows what is committed; what is only applied would be missing, and the snapshot might be older than the last one.
      await this.#journal.committed(this.#appliedIndex());
      const view = await this.#store.view(this.#group);
      // A version that became active meanwhile may count as of the view, or not yet.
      if (this.#activeVersion === version) {
        return {
          index: view.index,
          version,
          parts: inParts(encodeSpaceSnapshot({ name, version }, view.range())),
          close: () => view.close(),
        };
      }
      view.close();
    }
  }

  get #activeVersion(): number {
    return this.#machine.service.activeVersion ?? noVersion;
  }

  async install(index: Index, parts: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#journal.committed(this.#appliedIndex());
    await this.#store.install(this.#group, index, decodeSpaceSnapshot(this.#machine, parts));
    this.#machine.reload();
  }
}

async function* inParts(parts: Iterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  yield* parts;
}
