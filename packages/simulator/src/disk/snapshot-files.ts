import type { GroupId, SnapshotInfo } from '@flotilla/core';
import { keptSnapshots } from '@flotilla/snapshot';
import { Damage } from './damage.ts';
import type { DiskDevice } from './disk-device.ts';

export interface SnapshotFile {
  readonly info: SnapshotInfo;
  readonly bytes: Uint8Array;
}

/** A file that is written and synced under another name first, and then renamed. */
export interface SnapshotWrite {
  readonly group: GroupId;
  readonly file: SnapshotFile;
  /** When its bytes are synced and it gets its name, in simulated milliseconds. */
  readonly renamedAt: number;
}

export interface SnapshotFilesCopy {
  readonly files: ReadonlyMap<GroupId, readonly SnapshotFile[]>;
  readonly damaged: ReadonlySet<object>;
}

/** The snapshots of a machine, oldest first, and the parts of those that are being received. */
export class SnapshotFiles {
  readonly #device: DiskDevice;
  readonly #damage = new Damage();
  /** Writes that are under way, in the order in which they were begun: the runtime has one for each group. */
  readonly #underWay = new Set<SnapshotWrite>();
  /** The one of each group that was read last: a transfer of it may be under way. */
  readonly #lastRead = new Map<GroupId, string>();
  #files = new Map<GroupId, readonly SnapshotFile[]>();
  #received = new Map<GroupId, SnapshotFile>();

  constructor(device: DiskDevice) {
    this.#device = device;
  }

  /** Oldest first. */
  of(group: GroupId): readonly SnapshotFile[] {
    return this.#files.get(group) ?? [];
  }

  /** Undefined where there is none of this name. */
  find(group: GroupId, id: string): SnapshotFile | undefined {
    return this.#files.get(group)?.find(({ info }) => info.id === id);
  }

  /** Whether its checksum does not hold. */
  isDamaged(file: SnapshotFile): boolean {
    if (!this.#damage.has(file)) return false;
    this.#device.counts.noticed++;
    return true;
  }

  markRead(group: GroupId, id: string): void {
    this.#lastRead.set(group, id);
  }

  receive(group: GroupId, info: SnapshotInfo, offset: number, part: Uint8Array): void {
    const before = this.#received.get(group);
    const file = offset > 0 && before?.info.id === info.id ? before : { info, bytes: new Uint8Array(info.size) };
    file.bytes.set(part, offset);
    this.#received.set(group, file);
  }

  /** What was received, which is not kept any longer; undefined where nothing was. */
  takeReceived(group: GroupId): SnapshotFile | undefined {
    const file = this.#received.get(group);
    this.#received.delete(group);
    return file;
  }

  begin(write: SnapshotWrite): void {
    this.#underWay.add(write);
  }

  isUnderWay(write: SnapshotWrite): boolean {
    return this.#underWay.has(write);
  }

  complete(write: SnapshotWrite): void {
    this.#underWay.delete(write);
    this.#keep(write);
  }

  /** It fails: the file never gets its name. */
  abandon(write: SnapshotWrite): void {
    this.#underWay.delete(write);
  }

  /** Their process is dead: those that were about to get their names may have, or not. */
  orphan(): void {
    for (const write of this.#underWay) {
      if (write.renamedAt <= this.#device.now && this.#device.random.chance(0.5)) this.#keep(write);
    }
    this.#underWay.clear();
  }

  powerCut(): void {
    this.orphan();
    this.#received.clear();
  }

  /** Every file, with its bytes. */
  *records(): Generator<readonly [record: object, payloadBytes: number]> {
    for (const files of this.#files.values()) for (const file of files) yield [file, file.bytes.length];
  }

  /** Whether it was intact before. */
  damage(file: object): boolean {
    return this.#damage.add(file);
  }

  copy(): SnapshotFilesCopy {
    return { files: new Map(this.#files), damaged: this.#damage.copy() };
  }

  restore({ files, damaged }: SnapshotFilesCopy): void {
    this.#files = new Map(files);
    this.#received = new Map();
    this.#underWay.clear();
    this.#damage.restore(damaged);
  }

  #keep({ group, file }: SnapshotWrite): void {
    this.#files.set(group, keptSnapshots(this.#files.get(group) ?? [], file, this.#lastRead.get(group)));
  }
}
