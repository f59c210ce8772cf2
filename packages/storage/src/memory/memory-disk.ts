import { type Entry, emptyLog, type GroupId, type HardState, type Index, type LogBase, type LogShape } from '@flotilla/core';
import { MemorySpace } from '@flotilla/state-machine';
import { emptyExtent, type JournalExtent } from '../journal-window.ts';
import type { JournalRecord } from '../state-store.ts';

/** One group's log as a {@link MemoryDisk} holds it. */
export interface LogOnDisk {
  hardState: HardState;
  base: LogBase | null;
  log: LogShape;
  /** The first one directly follows `log.snapshotIndex`. */
  readonly entries: Entry[];
}

/** One group's derived state as a {@link MemoryDisk} holds it. */
export interface StateOnDisk {
  applied: Index;
  extent: JournalExtent;
  records: JournalRecord[];
  space: MemorySpace;
}

/**
 * What outlives a memory store: hand the same disk to the next store and it finds everything that was written. A write is
 * there as a whole as soon as it is called, so that a store that is dropped instead of closed leaves no half of one.
 */
export class MemoryDisk {
  readonly logs = new Map<GroupId, LogOnDisk>();
  readonly states = new Map<GroupId, StateOnDisk>();

  log(group: GroupId): LogOnDisk {
    return found(this.logs, group, () => ({ hardState: { term: 0, vote: null }, base: null, log: emptyLog, entries: [] }));
  }

  state(group: GroupId): StateOnDisk {
    return found(this.states, group, () => ({ applied: 0, extent: emptyExtent, records: [], space: new MemorySpace() }));
  }
}

function found<V>(map: Map<GroupId, V>, group: GroupId, create: () => V): V {
  const present = map.get(group);
  if (present !== undefined) return present;
  const created = create();
  map.set(group, created);
  return created;
}
