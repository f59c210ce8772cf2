import type { Index } from '@flotilla/core';
import type { JournalExtent } from '@flotilla/storage';
import type { GroupSpace } from './group-space.ts';

/** A journal record that is in memory only. */
export interface UnflushedRecord {
  readonly index: Index;
  readonly time: number;
  readonly eventBytes: number;
  readonly encoded: Buffer;
}

/** What a state store knows of a group. */
export interface GroupState {
  applied: Index;
  extent: JournalExtent;
  /** Log time of the newest record. */
  newestTime: number;
  /** The applied index on disk: records up to here are in the file, those behind it in `unflushed`. */
  flushed: Index;
  /** The file may still hold removed records from here on. */
  storedStart: Index;
  unflushed: UnflushedRecord[];
  readonly space: GroupSpace;
  dirty: boolean;
}
