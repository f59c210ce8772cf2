import type { GroupId, SnapshotInfo } from '@flotilla/core';
import type { SnapshotPosition, SnapshotStore } from '@flotilla/snapshot';

/** A member's snapshot store, which tells which snapshot was loaded: the machine only gets to see its bytes. */
export class WatchedSnapshots implements SnapshotStore {
  readonly #store: SnapshotStore;
  readonly #onLoaded: (snapshot: SnapshotInfo, state: Uint8Array) => void;
  #known: SnapshotInfo | null = null;

  constructor(store: SnapshotStore, onLoaded: (snapshot: SnapshotInfo, state: Uint8Array) => void) {
    this.#store = store;
    this.#onLoaded = onLoaded;
  }

  async newest(group: GroupId): Promise<SnapshotInfo | null> {
    this.#known = await this.#store.newest(group);
    return this.#known;
  }

  save(group: GroupId, position: SnapshotPosition, parts: AsyncIterable<Uint8Array>): Promise<SnapshotInfo> {
    return this.#store.save(group, position, parts);
  }

  read(group: GroupId, id: string, offset: number, bytesMax: number): Promise<Uint8Array | null> {
    return this.#store.read(group, id, offset, bytesMax);
  }

  receive(group: GroupId, snapshot: SnapshotInfo, offset: number, bytes: Uint8Array): Promise<void> {
    return this.#store.receive(group, snapshot, offset, bytes);
  }

  async complete(group: GroupId, snapshot: SnapshotInfo): Promise<boolean> {
    this.#known = snapshot;
    return this.#store.complete(group, snapshot);
  }

  async *load(group: GroupId, id: string): AsyncGenerator<Uint8Array, void, void> {
    const parts: Uint8Array[] = [];
    for await (const part of this.#store.load(group, id)) {
      parts.push(part);
      yield part;
    }
    if (this.#known?.id === id) this.#onLoaded(this.#known, new Uint8Array(Buffer.concat(parts)));
  }
}
