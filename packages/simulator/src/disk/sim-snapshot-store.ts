import { createHash } from 'node:crypto';
import type { GroupId, SnapshotInfo } from '@flotilla/core';
import {
  partBytesMax,
  type SnapshotPosition,
  type SnapshotStore,
  snapshotDamaged,
  snapshotMissing,
  snapshotNoRoom,
} from '@flotilla/snapshot';
import type { StorageError } from '@flotilla/storage';
import type { SimProcess } from '../process/sim-process.ts';
import { type DiskDevice, storageFailed } from './disk-device.ts';
import type { SnapshotFile, SnapshotFiles } from './snapshot-files.ts';

const fileName = 'a snapshot';

/** A {@link SnapshotStore} on a simulated disk, as one process has it. */
export class SimSnapshotStore implements SnapshotStore {
  readonly #process: SimProcess;
  readonly #device: DiskDevice;
  readonly #files: SnapshotFiles;
  /** What this process found damaged. */
  readonly #damaged = new Set<SnapshotFile>();
  #failure: StorageError | null = null;

  constructor(process: SimProcess, device: DiskDevice, files: SnapshotFiles) {
    this.#process = process;
    this.#device = device;
    this.#files = files;
  }

  async newest(group: GroupId): Promise<SnapshotInfo | null> {
    return this.#files.of(group).findLast((file) => !this.#damaged.has(file))?.info ?? null;
  }

  async save(group: GroupId, position: SnapshotPosition, parts: AsyncIterable<Uint8Array>): Promise<SnapshotInfo> {
    const copies: Uint8Array[] = [];
    for await (const part of parts) copies.push(new Uint8Array(part));
    const bytes = new Uint8Array(Buffer.concat(copies));
    const info = { ...position, id: sha256(bytes), size: bytes.length };
    await this.#write(group, { info, bytes });
    return info;
  }

  /** A file with a damaged part is as good as gone: its checksum is looked at before any part of it is handed out. */
  async read(group: GroupId, id: string, offset: number, bytesMax: number): Promise<Uint8Array | null> {
    this.#files.markRead(group, id);
    const file = this.#files.find(group, id);
    return file === undefined || this.#isDamaged(file) ? null : file.bytes.subarray(offset, offset + bytesMax);
  }

  async receive(group: GroupId, snapshot: SnapshotInfo, offset: number, part: Uint8Array): Promise<void> {
    this.#prepare(part.length);
    const bytes = new Uint8Array(part);
    await this.#until(this.#device.now + this.#device.writeMs(), () => {
      if (this.#process.alive) this.#files.receive(group, snapshot, offset, bytes);
    });
  }

  async complete(group: GroupId, snapshot: SnapshotInfo): Promise<boolean> {
    const received = this.#files.takeReceived(group);
    if (received === undefined || sha256(received.bytes) !== snapshot.id) return false;
    await this.#write(group, received);
    return true;
  }

  async *load(group: GroupId, id: string): AsyncGenerator<Uint8Array, void, void> {
    const file = this.#files.find(group, id);
    if (file === undefined) throw snapshotMissing(group, id);
    if (this.#isDamaged(file)) throw snapshotDamaged(group, id, 'its checksum does not hold');
    const { bytes } = file;
    for (let offset = 0; offset < bytes.length; offset += partBytesMax) yield bytes.subarray(offset, offset + partBytesMax);
  }

  #isDamaged(file: SnapshotFile): boolean {
    if (this.#files.isDamaged(file)) this.#damaged.add(file);
    return this.#damaged.has(file);
  }

  /** Its process has lost the disk: nothing that it asks for from now on happens. */
  detach(): void {
    this.#failure ??= storageFailed(fileName, 'the power is off');
  }

  async #write(group: GroupId, file: SnapshotFile): Promise<void> {
    this.#prepare(file.bytes.length);
    const device = this.#device;
    const fails = device.happens('sync-error', device.profile.syncErrorChance);
    const renamedAt = device.now + device.writeMs() + device.syncMs();
    const write = { group, file, renamedAt };
    this.#files.begin(write);
    await this.#until(renamedAt + device.syncMs(), () => {
      // A power cut came first, or the next process.
      if (!this.#files.isUnderWay(write)) return;
      if (!this.#process.alive) this.#files.orphan();
      else if (fails) this.#files.abandon(write);
      else this.#files.complete(write);
    });
    if (fails) this.#fail('input/output error');
  }

  /** Throws `snapshot_no_room` where the disk is full, and `storage_failed` where nothing can be written. */
  #prepare(bytes: number): void {
    if (this.#failure !== null) throw this.#failure;
    try {
      this.#device.takeRoom(fileName, bytes);
    } catch (error) {
      throw snapshotNoRoom(error);
    }
    if (this.#device.happens('write-error', this.#device.profile.writeErrorChance)) this.#fail('input/output error');
  }

  #fail(reason: string): never {
    this.#failure ??= storageFailed(fileName, reason);
    throw this.#failure;
  }

  /** Lets `happen` on the disk at a moment in simulated milliseconds, and resolves when the process has heard of it. */
  #until(at: number, happen: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#device.complete(at, () => {
        happen();
        this.#process.enter(resolve);
      });
    });
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
