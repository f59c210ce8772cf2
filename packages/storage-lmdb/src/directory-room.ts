import { statfsSync } from 'node:fs';
import type { RoomWatch, StorageRoom } from '@flotilla/storage';

/** How much room is little, in bytes. Defaults fit the disk: the smaller of an absolute figure and a share of its size. */
export interface RoomThresholds {
  /** With less, room is `scarce`; default 1 GiB, or three eighths of the disk. */
  readonly scarceBytes: number;
  /** With less, room is `exhausted`; default 256 MiB, or a quarter of the disk. */
  readonly exhaustedBytes: number;
  /** With less than this left after a write, the write fails for good; default 8 MiB, or a sixteenth of the disk. */
  readonly reserveBytes: number;
}

export interface DirectoryRoomOptions extends Partial<RoomThresholds> {
  /** How often to look when little is written, in milliseconds; default 5,000. */
  readonly checkIntervalMs?: number;
}

/** What the file system says. */
export interface DiskSpace {
  readonly freeBytes: number;
  readonly sizeBytes: number;
}

/** Room is better again only when there is so much more than what it is measured against: else it would flicker. */
const hysteresis = 1.25;
/** Room is looked up again after this many bytes were written, and sooner where less is left. */
const uncheckedBytesMax = 8 * 2 ** 20;

/** Watches the room in a directory: now and then, and before the writes of this process can have used it up. */
export class DirectoryRoom implements RoomWatch {
  readonly #space: () => DiskSpace;
  readonly #thresholds: RoomThresholds;
  readonly #timer: NodeJS.Timeout;
  readonly #listeners: ((room: StorageRoom) => void)[] = [];
  #room: StorageRoom = 'ample';
  /** What may be written before it is looked up again. */
  #unchecked = 0;

  constructor(directory: string, options: DirectoryRoomOptions = {}, space: () => DiskSpace = () => spaceOf(directory)) {
    this.#space = space;
    const { sizeBytes } = space();
    this.#thresholds = {
      scarceBytes: options.scarceBytes ?? Math.min(2 ** 30, (sizeBytes * 3) / 8),
      exhaustedBytes: options.exhaustedBytes ?? Math.min(256 * 2 ** 20, sizeBytes / 4),
      reserveBytes: options.reserveBytes ?? Math.min(8 * 2 ** 20, sizeBytes / 16),
    };
    this.#timer = setInterval(() => this.#checkNow(), options.checkIntervalMs ?? 5_000).unref();
    this.check();
  }

  get room(): StorageRoom {
    return this.#room;
  }

  onChange(listener: (room: StorageRoom) => void): void {
    this.#listeners.push(listener);
  }

  /** Looks now. Returns how many bytes are free. */
  check(): number {
    const { freeBytes } = this.#space();
    const room = roomFor(freeBytes, this.#room, this.#thresholds);
    const { exhaustedBytes, reserveBytes } = this.#thresholds;
    this.#unchecked = Math.min(uncheckedBytesMax, Math.max(0, freeBytes - Math.max(exhaustedBytes, reserveBytes)) / 2);
    if (room !== this.#room) {
      this.#room = room;
      for (const listener of this.#listeners) listener(room);
    }
    return freeBytes;
  }

  /** Nobody is there to hear of a file system that does not answer: it is asked again, and a write that it does not answer fails. */
  #checkNow(): void {
    try {
      this.check();
    } catch {
      this.#unchecked = 0;
    }
  }

  /**
   * To be called before so many bytes are written. Throws where the disk would be full afterwards: LMDB then fails in the middle of a
   * commit, with an error that looks like a broken disk.
   */
  take(bytes: number): void {
    this.#unchecked -= bytes;
    if (this.#unchecked > 0) return;
    const free = this.check();
    const { reserveBytes } = this.#thresholds;
    if (free < reserveBytes + bytes) {
      throw new Error(`the file system is full: ${free} bytes are left, ${Math.ceil(reserveBytes + bytes)} are needed`);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }
}

/** What so many free bytes are, after room was `before`. */
export function roomFor(freeBytes: number, before: StorageRoom, { scarceBytes, exhaustedBytes }: RoomThresholds): StorageRoom {
  if (freeBytes < exhaustedBytes * (before === 'exhausted' ? hysteresis : 1)) return 'exhausted';
  if (freeBytes < scarceBytes * (before === 'ample' ? 1 : hysteresis)) return 'scarce';
  return 'ample';
}

function spaceOf(directory: string): DiskSpace {
  const { bavail, bsize, blocks } = statfsSync(directory);
  return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
}
