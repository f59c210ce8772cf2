import { createHash } from 'node:crypto';
import type { GroupId, SnapshotInfo } from '@flotilla/core';
import { keptSnapshots } from '../kept-snapshots.ts';
import { snapshotMissing } from '../snapshot-error.ts';
import { partBytesMax, type SnapshotPosition, type SnapshotStore } from '../snapshot-store.ts';

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

  async save(group: GroupId, position: SnapshotPosition, parts: AsyncIterable<Uint8Array>): Promise<SnapshotInfo> {
    const copies: Uint8Array[] = [];
    for await (const part of parts) copies.push(part.slice());
    const bytes = Buffer.concat(copies);
    const info = { ...position, id: sha256(bytes), size: bytes.length };
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
    if (received === undefined || sha256(received.bytes) !== info.id) return false;
    this.#keep(group, received);
    return true;
  }

  async *load(group: GroupId, id: string): AsyncGenerator<Uint8Array, void, void> {
    const found = this.#find(group, id);
    if (found === undefined) throw snapshotMissing(group, id);
    const { bytes } = found;
    for (let offset = 0; offset < bytes.length; offset += partBytesMax) yield bytes.subarray(offset, offset + partBytesMax);
  }

  #find(group: GroupId, id: string): Stored | undefined {
    return this.#stored.get(group)?.find(({ info }) => info.id === id);
  }

  #keep(group: GroupId, stored: Stored): void {
    this.#stored.set(group, keptSnapshots(this.#stored.get(group) ?? [], stored, this.#lastRead.get(group)));
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
