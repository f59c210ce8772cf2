import type { RoomWatch, StorageRoom } from '@flotilla/storage';
import type { SimProcess } from '../process/sim-process.ts';
import type { DiskDevice } from './disk-device.ts';

/** The {@link RoomWatch} of a simulated disk, as one process has it. */
export class SimRoomWatch implements RoomWatch {
  readonly #device: DiskDevice;
  readonly #listeners: ((room: StorageRoom) => void)[] = [];
  #room: StorageRoom;

  constructor(process: SimProcess, device: DiskDevice) {
    this.#device = device;
    this.#room = device.room;
    device.onRoom = (room) => process.enter(() => this.#note(room));
  }

  get room(): StorageRoom {
    return this.#room;
  }

  onChange(listener: (room: StorageRoom) => void): void {
    this.#listeners.push(listener);
  }

  /** Its process has lost the disk. */
  detach(): void {
    this.#device.onRoom = null;
  }

  #note(room: StorageRoom): void {
    if (room === this.#room) return;
    this.#room = room;
    for (const listener of this.#listeners) listener(room);
  }
}
