import { StorageError, type StorageRoom } from '@flotilla/storage';
import type { SeededRandom } from '../engine/seeded-random.ts';
import type { World } from '../engine/world.ts';
import { type DiskCounts, type DiskFault, noCounts } from './disk-counts.ts';
import { type DiskProfile, diskProfile } from './disk-profile.ts';
import { PayloadCopies } from './payload-copies.ts';

export const sectorBytes = 512;

/** What a record has besides its payload, in bytes: checksum, index, term, time, and its place in a page. */
const recordOverheadBytes = 40;

/** Where less than so many bytes are left, nothing new is taken on; they are for elections, reads and compaction. */
export const reserveBytes = 64 * 1024;

/** How many sectors a record with this payload touches. */
export function sectorsOf(payloadBytes: number): number {
  return Math.ceil((payloadBytes + recordOverheadBytes) / sectorBytes);
}

export interface DiskDeviceOptions {
  readonly world: World;
  readonly random: SeededRandom;
  readonly profile?: DiskProfile;
}

/** What the files of a disk share: how long things take, which of them fail, and how much room there is. */
export class DiskDevice {
  readonly random: SeededRandom;
  readonly profile: DiskProfile;
  readonly counts: DiskCounts = noCounts();
  readonly payloads = new PayloadCopies();
  /** The process that has the disk hears of the room on it. */
  onRoom: ((room: StorageRoom) => void) | null = null;
  readonly #world: World;

  constructor({ world, random, profile = diskProfile() }: DiskDeviceOptions) {
    this.#world = world;
    this.random = random;
    this.profile = profile;
  }

  get now(): number {
    return this.#world.now;
  }

  get stalled(): boolean {
    return this.#world.now < this.profile.stalledUntil;
  }

  /** How long the next write takes, in milliseconds. */
  writeMs(): number {
    const { writeMs } = this.profile;
    return writeMs === 0 ? 0 : this.random.exponential(writeMs);
  }

  /** How long the next sync takes, in milliseconds. */
  syncMs(): number {
    const { syncMs, outlierChance, outlierMs } = this.profile;
    const usual = syncMs === 0 ? 0 : this.random.exponential(syncMs);
    return this.happens('slow', outlierChance) ? usual + this.random.exponential(outlierMs) : usual;
  }

  /** Runs `done` at a moment in simulated milliseconds, or at the end of a stall that lasts longer. */
  complete(at: number, done: () => void): void {
    this.#world.after(at - this.#world.now, () => this.#unlessStalled(done));
  }

  happens(fault: DiskFault, chance: number): boolean {
    if (!this.random.chance(chance)) return false;
    this.counts[fault]++;
    return true;
  }

  /** Takes so much of the room that is left. Throws `storage_failed` where there is not enough: `file` cannot be written. */
  takeRoom(file: string, bytes: number): void {
    const { freeBytes } = this.profile;
    if (freeBytes === Number.POSITIVE_INFINITY) return;
    if (freeBytes < bytes) {
      this.counts.full++;
      throw storageFailed(file, `the file system has ${freeBytes} bytes left, ${bytes} are needed`);
    }
    this.profile.freeBytes = freeBytes - bytes;
    this.lookAtRoom();
  }

  get room(): StorageRoom {
    const { freeBytes } = this.profile;
    if (freeBytes >= 2 * reserveBytes) return 'ample';
    return freeBytes >= reserveBytes ? 'scarce' : 'exhausted';
  }

  /** Tells who watches it. */
  lookAtRoom(): void {
    this.onRoom?.(this.room);
  }

  #unlessStalled(done: () => void): void {
    if (!this.stalled) return done();
    this.counts.stall++;
    this.complete(this.profile.stalledUntil, done);
  }
}

/** What a store says from its first failure on. */
export function storageFailed(file: string, reason: string): StorageError {
  return new StorageError(
    'storage_failed',
    `${file} cannot be written: ${reason}`,
    'Stop this process, check the disk, and start it again; it recovers from what is on disk.',
  );
}

export function storageClosed(file: string): StorageError {
  return new StorageError('storage_closed', `${file} is closed`, 'Open the storage again to use it.');
}
