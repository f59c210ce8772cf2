/** How a disk behaves. The fields may be changed at any time, and count for what is begun afterwards. */
export interface DiskProfile {
  /** How long writing to the page cache takes on average, in milliseconds; exponentially distributed. */
  writeMs: number;
  /** How long a sync takes on average, in milliseconds; exponentially distributed. */
  syncMs: number;
  /** How often a sync takes {@link DiskProfile.outlierMs} more, from 0 to 1: garbage collection, a retried sector, a neighbour. */
  outlierChance: number;
  /** In milliseconds, on average. */
  outlierMs: number;
  /** Nothing completes before this moment, in simulated milliseconds; a finite number. What is under way waits, too. */
  stalledUntil: number;
  /** The room that is left, in bytes. What does not fit is refused, and its store fails; infinite where absent. */
  freeBytes: number;
  /** How often a write fails with an error, from 0 to 1. */
  writeErrorChance: number;
  /** How often a sync fails with an error, from 0 to 1. */
  syncErrorChance: number;
  /** How often a transaction of the log is reported as done with some of its sectors not on disk, from 0 to 1: a lying disk. */
  tornWriteChance: number;
  /** How often a record of a transaction lands where another one is, from 0 to 1. */
  misdirectedWriteChance: number;
  /**
   * Whether the write that makes a transaction visible returns only when it is synced (O_DSYNC, as in LMDB): a killed process
   * takes it to its end. Otherwise it may leave the page cache ahead of the disk: the next process reads what a power cut takes
   * back.
   */
  writesThrough: boolean;
  /** How long derived state waits in memory for its transaction, in milliseconds. */
  stateFlushDelayMs: number;
}

/** A good solid-state disk that nothing happens to, but for what `changes` say. */
export function diskProfile(changes: Partial<DiskProfile> = {}): DiskProfile {
  return {
    writeMs: 0.02,
    syncMs: 0.4,
    outlierChance: 0.001,
    outlierMs: 20,
    stalledUntil: 0,
    freeBytes: Number.POSITIVE_INFINITY,
    writeErrorChance: 0,
    syncErrorChance: 0,
    tornWriteChance: 0,
    misdirectedWriteChance: 0,
    writesThrough: true,
    stateFlushDelayMs: 20,
    ...changes,
  };
}
