import { FlotillaError, type GroupId, type SnapshotInfo } from '@flotilla/core';
import { keptSnapshots } from '../kept-snapshots.ts';
import { snapshotId } from '../snapshot-id.ts';
import type { SnapshotPosition, SnapshotStore } from '../snapshot-store.ts';

interface Stored {
  readonly info: SnapshotInfo;
  readonly bytes: Uint8Array;
}

/** Keeps snapshots as long as it lives: for tests and for members whose log is in memory, too. */
export class MemorySnapshotStore implements SnapshotStore {
  readonly #stored = new Map<GroupId, readonly Stored[]>();
  readonly #received = new Map<GroupId, Stored>();
  /** The snapshot that was read last: a transfer of it may be under way. */
  readonly #lastRead = new Map<GroupId, string>();

  async newest(group: GroupId): Promise<SnapshotInfo | null> {
    return this.#stored.get(group)?.at(-1)?.info ?? null;
  }

  async save(group: GroupId, position: SnapshotPosition, state: Uint8Array): Promise<SnapshotInfo> {
    const bytes = state.slice();
    const info = { ...position, id: snapshotId(bytes), size: bytes.length };
    this.#keep(group, { info, bytes });
    return info;
  }

  async read(group: GroupId, id: string, offset: number, bytesMax: number): Promise<Uint8Array | null> {
    this.#lastRead.set(group, id);
    return this.#find(group, id)?.bytes.subarray(offset, offset + bytesMax) ?? null;
  }

  async receive(group: GroupId, info: SnapshotInfo, offset: number, part: Uint8Array): Promise<void> {
    const before = this.#received.get(group);
    const bytes = offset > 0 && before?.info.id === info.id ? before.bytes : new Uint8Array(info.size);
    bytes.set(part, offset);
    this.#received.set(group, { info, bytes });
  }

  async complete(group: GroupId, info: SnapshotInfo): Promise<boolean> {
    const received = this.#received.get(group);
    this.#received.delete(group);
    if (received === undefined || snapshotId(received.bytes) !== info.id) return false;
    this.#keep(group, received);
    return true;
  }

  async load(group: GroupId, id: string): Promise<Uint8Array> {
    const found = this.#find(group, id);
    if (found !== undefined) return found.bytes;
    throw new FlotillaError('snapshot_missing', `group ${group} has no snapshot ${id}`, 'Remove this member and add it afresh.');
  }

  #find(group: GroupId, id: string): Stored | undefined {
    return this.#stored.get(group)?.find(({ info }) => info.id === id);
  }

  #keep(group: GroupId, stored: Stored): void {
    this.#stored.set(group, keptSnapshots(this.#stored.get(group) ?? [], stored, this.#lastRead.get(group)));
  }
}
