import type { Entry, Index, LogBase, MemberId, RaftState, RestoreSnapshot, StoreChunk } from '../../src/index.ts';
import { Disk } from './disk.ts';
import { EntryLog } from './entry-log.ts';

/** One member: the pure core, its disk, and the entries that the core's log stands for. */
export interface Member {
  readonly id: MemberId;
  readonly disk: Disk;
  /** Null while it is down. */
  state: RaftState | null;
  /** The log as the core sees it now, whether on disk or not. */
  log: EntryLog;
  appliedIndex: Index;
  /** What the machine has applied: its state. */
  machine: readonly Entry[];
  /** The latest write that is on disk while the core has not been told yet. */
  finishedWrite: number | null;
  /** What it was told to do with snapshots and has not done yet, oldest first. */
  readonly snapshotWork: (StoreChunk | RestoreSnapshot)[];
  /** Since when, by its own clock, it does not run; null while it does. */
  pausedAt: number | null;
  incarnation: number;
}

export function newMember(id: MemberId, base: LogBase): Member {
  return {
    id,
    disk: new Disk(base),
    state: null,
    log: new EntryLog(base),
    appliedIndex: 0,
    machine: [],
    finishedWrite: null,
    snapshotWork: [],
    pausedAt: null,
    incarnation: 0,
  };
}

/** Up, and not paused. */
export function runs({ state, pausedAt }: Member): boolean {
  return state !== null && pausedAt === null;
}
