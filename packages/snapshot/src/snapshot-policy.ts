/** When a group's state is stored by itself. A bound that is absent does not apply; without any, only whoever asks for it does it. */
export interface SnapshotPolicy {
  /** So many entries were applied since the last snapshot. */
  readonly entries?: number;
  /** The log has grown by so many bytes, and by no less than the size of the last snapshot. */
  readonly bytes?: number;
  /** The last snapshot is so old, in milliseconds, and something was applied since. */
  readonly everyMs?: number;
}

/** What has happened since the last snapshot. */
export interface SinceSnapshot {
  readonly entries: number;
  /** What the log has grown by. */
  readonly bytes: number;
  readonly ms: number;
  /** The size of the last snapshot, 0 where there is none. */
  readonly snapshotBytes: number;
}

/**
 * For an app that knows nothing better. 64 MiB of log are replayed in a second or two, and so are 100,000 small entries.
 */
export const defaultSnapshotPolicy: SnapshotPolicy = { entries: 100_000, bytes: 64 * 1024 * 1024 };

/** By which part of a snapshot's size the log must have grown before counting entries says that it is to be written again. */
const growthShare = 1 / 8;

/**
 * Whether the state is worth storing now. Storing costs the size of the state, so that a large one waits for a log that has grown as
 * well: many small entries cost at most eight times their own size in snapshots.
 */
export function snapshotDue({ entries, bytes, everyMs }: SnapshotPolicy, since: SinceSnapshot): boolean {
  if (since.entries === 0) return false;
  if (bytes !== undefined && since.bytes >= Math.max(bytes, since.snapshotBytes)) return true;
  if (entries !== undefined && since.entries >= entries && since.bytes >= since.snapshotBytes * growthShare) return true;
  return everyMs !== undefined && since.ms >= everyMs;
}
