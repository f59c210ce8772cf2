/** A member's number within its cluster: an integer from 1 to 2^32 − 1. */
export type MemberId = number;

/** The highest number that a member can have. */
export const memberIdMax: MemberId = 0xffff_ffff;

/** A Raft group's number within its cluster: an integer from 1 to 2^32 − 1. */
export type GroupId = number;

/** A slot of the log. The first entry has index 1; 0 stands for the empty log. */
export type Index = number;

/** An election period. Terms start at 1; 0 stands for "before the first election". */
export type Term = number;

/**
 * What an entry is for: a client's command, the empty entry with which a leader opens its term (thesis 6.4), or a new
 * membership (thesis 4), as `encodeMembership` writes it.
 */
export type EntryKind = 'command' | 'no-op' | 'membership';

/**
 * One slot of the replicated log.
 *
 * `time` is log time in milliseconds: stamped by the leader from its wall clock, never decreasing along the log. It is
 * the only clock that a state machine may read. `payload` passes through consensus untouched; a witness gets an empty one.
 */
export interface Entry {
  readonly index: Index;
  readonly term: Term;
  readonly time: number;
  readonly kind: EntryKind;
  readonly payload: Uint8Array;
}

/** The part of a member's state that must be on disk before it answers anybody (paper, figure 2). */
export interface HardState {
  readonly term: Term;
  /** Whom this member voted for in `term`, if anybody. */
  readonly vote: MemberId | null;
  /**
   * This member may have lost what it promised: entries that it acknowledged, or its vote. Until its log has, durably, everything
   * that a leader has committed in a term of its own, it neither votes nor stands for election (the status `recovering` of
   * Viewstamped Replication Revisited, 4.3). Absent otherwise.
   */
  readonly recovering?: true;
}
