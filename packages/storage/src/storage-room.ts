/**
 * How much room the file system has for what is written. `ample`: enough. `scarce`: worth a warning. `exhausted`: nothing new must be
 * taken on; what is needed to elect, to read and to compact still fits.
 */
export type StorageRoom = 'ample' | 'scarce' | 'exhausted';

/** Watches the room on the disk of a host. */
export interface RoomWatch {
  readonly room: StorageRoom;
  /** Calls `listener` with the new room whenever it changes. */
  onChange(listener: (room: StorageRoom) => void): void;
}

/** For stores that cannot run full. */
export const ampleRoom: RoomWatch = { room: 'ample', onChange() {} };
