import type { Index, MemberId } from '@flotilla/core';
import { CommittedLog } from '../oracle/committed-log.ts';
import { EntryTable } from '../oracle/entry-table.ts';
import type { DurableLog } from '../watch/observer.ts';
import { Ballots } from './ballots.ts';
import { Leaderships } from './leaderships.ts';

/**
 * What the invariants of a run know in common. Each part is kept by the invariant that says of it that it is as it should be;
 * the others read it, and so come after it.
 */
export interface Knowledge {
  /** Kept by `log-matching`. */
  readonly entries: EntryTable;
  /** By `disk-holds-the-log`. What each member's disk would have after a power cut, also while it is down. */
  readonly disks: Map<MemberId, DurableLog>;
  /** By `disk-holds-the-log`. Whose disk lost everything: what was promised by it, and is still on its way, was true once. */
  readonly wiped: Set<MemberId>;
  /** By `disk-holds-the-log`. What each member's disk had whenever it then lost some of it: what was promised by it was true once. */
  readonly forgotten: Map<MemberId, readonly DurableLog[]>;
  /** By `election-safety`. */
  readonly leaderships: Leaderships;
  /** By `one-vote-per-term`. */
  readonly ballots: Ballots;
  /** By `commits-agree`. */
  readonly committed: CommittedLog;
  /** By `state-machine-safety`. The last command that each member's machine has applied, or the snapshot that it has instead. */
  readonly applied: Map<MemberId, Index>;
}

export function newKnowledge(): Knowledge {
  const entries = new EntryTable();
  return {
    entries,
    disks: new Map(),
    wiped: new Set(),
    forgotten: new Map(),
    leaderships: new Leaderships(),
    ballots: new Ballots(),
    committed: new CommittedLog(entries),
    applied: new Map(),
  };
}
