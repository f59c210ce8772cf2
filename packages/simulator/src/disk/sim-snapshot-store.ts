import { FlotillaError, type GroupId, type SnapshotInfo } from '@flotilla/core';
import { type SnapshotPosition, type SnapshotStore, snapshotId } from '@flotilla/snapshot';
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
  #failure: StorageError | null = null;

  constructor(process: SimProcess, device: DiskDevice, files: SnapshotFiles) {
    this.#process = process;
    this.#device = device;
    this.#files = files;
  }

  async newest(group: GroupId): Promise<SnapshotInfo | null> {
    return this.#files.newest(group);
  }

  async save(group: GroupId, position: SnapshotPosition, state: Uint8Array): Promise<SnapshotInfo> {
    const bytes = new Uint8Array(state);
    const info = { ...position, id: snapshotId(bytes), size: bytes.length };
    await this.#write(group, { info, bytes });
    return info;
  }

  /** A file with a damaged part is as good as gone: its checksum is looked at before any part of it is handed out. */
  async read(group: GroupId, id: string, offset: number, bytesMax: number): Promise<Uint8Array | null> {
    this.#files.markRead(group, id);
    const file = this.#files.find(group, id);
    return file === undefined || this.#files.isDamaged(file) ? null : file.bytes.subarray(offset, offset + bytesMax);
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
    if (received === undefined || snapshotId(received.bytes) !== snapshot.id) return false;
    await this.#write(group, received);
    return true;
  }

  async load(group: GroupId, id: string): Promise<Uint8Array> {
    const file = this.#files.find(group, id);
    const hint = 'Remove this member and add it afresh.';
    if (file === undefined) throw new FlotillaError('snapshot_missing', `group ${group} has no snapshot ${id}`, hint);
    if (this.#files.isDamaged(file)) throw new FlotillaError('snapshot_damaged', `group ${group}: snapshot ${id} is damaged`, hint);
    return file.bytes;
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

  /** Throws `storage_failed` where nothing can be written. */
  #prepare(bytes: number): void {
    if (this.#failure !== null) throw this.#failure;
    try {
      this.#device.takeRoom(fileName, bytes);
    } catch (error) {
      this.#failure = error as StorageError;
      throw error;
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
