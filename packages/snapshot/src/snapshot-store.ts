import type { GroupId, SnapshotInfo } from '@flotilla/core';

/** Where in the log a state belongs, and whose it is; what a store adds are its name and its size. */
export type SnapshotPosition = Omit<SnapshotInfo, 'id' | 'size'>;

/** The most bytes of one part that a store hands out with `load`. */
export const partBytesMax = 1024 * 1024;

/**
 * The port for the states that stand for a compacted log.
 *
 * Contract, checked by the conformance suite in `@flotilla/snapshot/testing`:
 * - `save` and `complete` resolve only when the snapshot cannot be lost any more; from then on it is the `newest`, if no
 *   newer one is there. Older ones may go, but for those that are being loaded, and the one that was read from last: a transfer
 *   may be under way.
 * - A snapshot's id is the SHA-256 of its bytes in hexadecimal digits, so that two that share an id are equal.
 * - States may be larger than memory: they come and go in parts, and no more than a few parts are held at a time. A part
 *   belongs to whoever made it again once the next one is asked for, or the call has ended.
 * - `complete` verifies what was received; what is not intact is thrown away.
 * - What turns out to be damaged is not there any more: `newest` is an older one from then on, and `read` gives null.
 */
export interface SnapshotStore {
  newest(group: GroupId): Promise<SnapshotInfo | null>;
  /** Keeps a state whose parts are asked for one after the other. Where `parts` fails, so does this, and nothing is kept. */
  save(group: GroupId, position: SnapshotPosition, parts: AsyncIterable<Uint8Array>): Promise<SnapshotInfo>;
  /** Up to `bytesMax` bytes from `offset` on, or null where that snapshot is not there any more. */
  read(group: GroupId, id: string, offset: number, bytesMax: number): Promise<Uint8Array | null>;
  /** Keeps a part of a snapshot that is being received. Offset 0 begins anew; any other follows on what is there. */
  receive(group: GroupId, snapshot: SnapshotInfo, offset: number, part: Uint8Array): Promise<void>;
  /** All parts are here: whether they are what the id says. */
  complete(group: GroupId, snapshot: SnapshotInfo): Promise<boolean>;
  /**
   * The state of a snapshot, each part verified before it is handed out, the whole before the last one. Fails with
   * `snapshot_missing` where it is not there, with `snapshot_damaged` where it is not intact: what was handed out before
   * counts for nothing then.
   */
  load(group: GroupId, id: string): AsyncIterable<Uint8Array>;
}
