import { type GroupId, invariant, type MemberId } from '@flotilla/core';
import type { SnapshotStore } from '@flotilla/snapshot';
import { type JournalRetention, type LogStore, type RoomWatch, type StateStore, StorageError } from '@flotilla/storage';
import type { SeededRandom } from '../engine/seeded-random.ts';
import type { SimProcess } from '../process/sim-process.ts';
import type { DurableLog } from '../watch/observer.ts';
import type { DiskCounts } from './disk-counts.ts';
import { DiskDevice, type DiskDeviceOptions, sectorsOf } from './disk-device.ts';
import type { DiskProfile } from './disk-profile.ts';
import { IdentityRecord, type Owner } from './identity-record.ts';
import { LogFile, type LogFileCopy, type OnDurable } from './log-file.ts';
import { SimLogStore } from './sim-log-store.ts';
import { SimRoomWatch } from './sim-room-watch.ts';
import { SimSnapshotStore } from './sim-snapshot-store.ts';
import { SimStateStore } from './sim-state-store.ts';
import { SnapshotFiles, type SnapshotFilesCopy } from './snapshot-files.ts';
import { StateFile, type StateFileCopy } from './state-file.ts';

export interface OpenDiskOptions extends Owner {
  /** What the event journal keeps; everything where absent. */
  readonly retention?: JournalRetention;
}

/** The stores as one process has them. */
export interface OpenDisk {
  readonly logStore: LogStore;
  readonly stateStore: StateStore;
  readonly snapshotStore: SnapshotStore;
  readonly roomWatch: RoomWatch;
  /** Closes the stores, and lets other processes have the disk. */
  close(): Promise<void>;
}

/** What the stores held at one moment: not the identity beside them. */
export interface DiskCopy {
  readonly log: LogFileCopy;
  readonly state: StateFileCopy;
  readonly snapshots: SnapshotFilesCopy;
}

interface Life {
  readonly process: SimProcess;
  readonly stores: readonly { detach(): void }[];
}

/**
 * The disk of a machine. It outlives the processes, which have it one after the other.
 *
 * Its contents are values in records, not bytes: each record occupies sectors, and one with a damaged sector is found out when
 * it is read, as its checksum would do. A kill leaves what is in the page cache, a power cut only what is synced, and of the rest
 * what chance decides.
 */
export class SimDisk {
  readonly #device: DiskDevice;
  readonly #log: LogFile;
  readonly #state: StateFile;
  readonly #snapshots: SnapshotFiles;
  readonly #identity: IdentityRecord;
  #life: Life | null = null;

  constructor(options: DiskDeviceOptions) {
    this.#device = new DiskDevice(options);
    this.#log = new LogFile(this.#device);
    this.#state = new StateFile(this.#device);
    this.#snapshots = new SnapshotFiles(this.#device);
    this.#identity = new IdentityRecord(options.random.fork('identity'));
  }

  /** How it behaves from now on; to be changed at will. */
  get profile(): DiskProfile {
    return this.#device.profile;
  }

  /** How often each fault happened so far. */
  get counts(): Readonly<DiskCounts> {
    return this.#device.counts;
  }

  /** Drawn anew for a disk that is new or was wiped: a member that comes with another one has lost its data. */
  get incarnation(): string {
    return this.#identity.incarnation;
  }

  /** What a power cut right now would certainly leave of a group's log. It never changes: ask again after the next write. */
  durable(group: GroupId): DurableLog {
    return this.#log.durable(group);
  }

  /** Calls `listener` whenever a write of a living process has become durable, before that process is told. */
  onDurable(listener: OnDurable): void {
    this.#log.onDurable(listener);
  }

  /** Calls `listener` whenever a log was found to have lost something, with what is left of it. */
  onHealed(listener: OnDurable): void {
    this.#log.onHealed(listener);
  }

  /** The room that is left from now on, in bytes; infinite where nobody counts. The process hears of it. */
  setRoom(freeBytes: number): void {
    this.#device.profile.freeBytes = freeBytes;
    this.#device.lookAtRoom();
  }

  /** Whether a peer with this incarnation may take part: null, or in words why not. Remembered durably. */
  admit(peer: MemberId, incarnation: string): string | null {
    return this.#identity.admit(peer, incarnation);
  }

  /**
   * Opens the stores for a process; what the one before left under way is settled.
   *
   * Throws `data_directory_in_use`, `data_directory_of_another_member`, `data_directory_of_another_cluster`,
   * or `data_directory_unusable` for one that has lost its stores. A log that is older than it was heals: its members recover.
   */
  open(process: SimProcess, { retention = {}, ...owner }: OpenDiskOptions = {}): OpenDisk {
    if (this.#life?.process.alive) {
      throw new StorageError('data_directory_in_use', 'another process has this disk', 'Stop that process first.');
    }
    this.#identity.claim(owner);
    this.#endLife();
    this.#doubtIfOlder();
    const logStore = new SimLogStore(process, this.#device, this.#log, this.#identity.highestTerm);
    const stateStore = new SimStateStore(process, this.#device, this.#state, retention);
    const snapshotStore = new SimSnapshotStore(process, this.#device, this.#snapshots);
    this.#state.giveTo(stateStore);
    const roomWatch = new SimRoomWatch(process, this.#device);
    const life: Life = { process, stores: [logStore, stateStore, snapshotStore, roomWatch] };
    this.#life = life;
    const close = async () => {
      await Promise.all([logStore.close(), stateStore.close()]);
      snapshotStore.detach();
      roomWatch.detach();
      if (this.#life === life) this.#life = null;
    };
    return { logStore, stateStore, snapshotStore, roomWatch, close };
  }

  /** The power fails: whatever was not synced is gone, but for what chance leaves. End the process, too. */
  powerCut(): void {
    this.#device.counts['power-cut']++;
    this.#log.powerCut();
    this.#snapshots.powerCut();
    this.#endLife();
  }

  /** Damages up to `count` random sectors of what is stored. Returns how many records that struck which were intact before. */
  rot(random: SeededRandom, count: number): number {
    let sectors = 0;
    const lying = [this.#log, this.#state, this.#snapshots].flatMap((file) =>
      [...file.records()].map(([record, bytes]) => {
        sectors += sectorsOf(bytes);
        return { file, record, endSector: sectors };
      }),
    );
    let struck = 0;
    for (let i = 0; i < count && sectors > 0; i++) {
      const sector = random.integer(0, sectors - 1);
      const hit = lying.find(({ endSector }) => sector < endSector);
      if (hit?.file.damage(hit.record)) struck++;
    }
    this.#device.counts.rot += struck;
    return struck;
  }

  /** What the stores hold, as a backup of the machine would. Costs little: nothing is copied but what lists it. */
  copy(): DiskCopy {
    return { log: this.#log.copy(), state: this.#state.copy(), snapshots: this.#snapshots.copy() };
  }

  /** Puts an older copy in the place of the stores. No process may be running. */
  rollBack({ log, state, snapshots }: DiskCopy): void {
    this.#assertIdle();
    if (log.generation < this.#log.generation) this.#device.counts.rollback++;
    this.#log.restore(log);
    this.#state.restore(state);
    this.#snapshots.restore(snapshots);
  }

  /** Loses everything; with `keepIdentity`, everything but the small files that say whose it was. No process may be running. */
  wipe({ keepIdentity }: { readonly keepIdentity: boolean }): void {
    this.#assertIdle();
    this.#device.counts.wipe++;
    this.#log.restore({ generation: 0, logs: new Map(), damaged: new Set() });
    this.#state.restore({ states: new Map(), spaces: new Map(), damaged: new Set() });
    this.#snapshots.restore({ files: new Map(), damaged: new Set() });
    if (!keepIdentity) this.#identity.renew();
  }

  /** What others were promised must be there: a store from before may promise the opposite, and one that is gone certainly does. */
  #doubtIfOlder(): void {
    const { generation } = this.#log;
    const promised = this.#identity.generation;
    if (generation >= promised) return;
    this.#device.counts.noticed++;
    if (generation > 0) {
      this.#log.doubt(this.#identity.highestTerm);
      return this.#log.catchUp(promised);
    }
    throw new StorageError(
      'data_directory_unusable',
      `the log is gone, and this member has made promises up to transaction ${promised}`,
      'Do not start this member on this data again, nor with an empty directory: remove it, and add it anew under the next number.',
    );
  }

  #assertIdle(): void {
    invariant(!this.#life?.process.alive, 'a process has the disk: end it first');
    this.#endLife();
  }

  #endLife(): void {
    this.#log.orphan();
    this.#snapshots.orphan();
    this.#state.giveTo(null);
    for (const store of this.#life?.stores ?? []) store.detach();
    this.#life = null;
    this.#identity.advance(this.#log.durableGeneration, this.#log.highestTerm);
  }
}
