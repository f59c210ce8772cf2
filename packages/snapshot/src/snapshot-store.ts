import type { GroupId, SnapshotInfo } from '@flotilla/core';

/** Where in the log a state belongs; what a store adds are its name and its size. */
export type SnapshotPosition = Omit<SnapshotInfo, 'id' | 'size'>;

/**
 * The port for the states that stand for a compacted log.
 *
 * Contract:
 * - `save` and `complete` resolve only when the snapshot cannot be lost any more; from then on it is the `newest`, if no
 *   newer one is there. Older ones may go, but for those that were read from lately: a transfer may be under way.
 * - A snapshot's id is derived from its bytes, so that two that share an id are equal.
 * - `complete` verifies what was received; what is not intact is thrown away.
 */
export interface SnapshotStore {
  newest(group: GroupId): Promise<SnapshotInfo | null>;
  save(group: GroupId, position: SnapshotPosition, state: Uint8Array): Promise<SnapshotInfo>;
  /** Up to `bytesMax` bytes from `offset` on, or null where that snapshot is not there any more. */
  read(group: GroupId, id: string, offset: number, bytesMax: number): Promise<Uint8Array | null>;
  /** Keeps a part of a snapshot that is being received. Offset 0 begins anew; any other follows on what is there. */
  receive(group: GroupId, snapshot: SnapshotInfo, offset: number, part: Uint8Array): Promise<void>;
  /** All parts are here: whether they are what the id says. */
  complete(group: GroupId, snapshot: SnapshotInfo): Promise<boolean>;
  /** The state of a snapshot that is there. */
  load(group: GroupId, id: string): Promise<Uint8Array>;
}
