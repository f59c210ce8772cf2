import type { Entry, HardState, Index, LogBase, LogShape, MemberId, Message, RaftState, SnapshotInfo } from '@flotilla/core';
import type { RaftTransition } from '@flotilla/runtime';
import type { AppliedRequest, CommittedRequest } from '@flotilla/state-machine';

/** What a member's disk is certain to have after a power cut: its log as of the last write that was reported as done. */
export interface DurableLog {
  readonly hardState: HardState;
  readonly base: LogBase | null;
  readonly log: LogShape;
  /** The entry at `index` as it was written, even where it was damaged later; undefined where the log does not have it. */
  entry(index: Index): Entry | undefined;
}

/** What a member's machine has just applied: commands, and what the group does for its machine. See `appliedCommands`. */
export interface AppliedEntries {
  readonly requests: readonly CommittedRequest[];
  /** One for each request. */
  readonly results: readonly AppliedRequest[];
}

/**
 * Somebody who is told of everything that happens in a simulation, at once and in order. An {@link Invariant} is one.
 *
 * An observer changes nothing and keeps no more than it needs: it is called for every step of every member.
 */
export interface Observer {
  /** A member's process has begun, with what its disk had. Called again for each of its lives. */
  onStarted?(member: MemberId, state: RaftState, disk: DurableLog): void;
  /** A member's process has ended, by itself or not: nothing more will be heard of this life. */
  onEnded?(member: MemberId): void;
  /** A member's disk lost everything, between two lives. What it had promised, it does not know any more. */
  onWiped?(member: MemberId): void;
  /** A member's disk has lost entries or the vote, noticed it, and is left with this: its member has to recover. */
  onHealed?(member: MemberId, left: DurableLog): void;
  /** A member has decided an input. Its effects are under way. */
  onStep?(member: MemberId, step: RaftTransition): void;
  /** A write of a member's log is durable, and the member has not been told yet. */
  onDurable?(member: MemberId, disk: DurableLog): void;
  /** A message leaves a member. */
  onSend?(from: MemberId, to: MemberId, message: Message): void;
  onApplied?(member: MemberId, applied: AppliedEntries): void;
  /** A member's machine was given the state of a snapshot. */
  onRestored?(member: MemberId, snapshot: SnapshotInfo | null, state: Uint8Array): void;
  /** A member's machine, which keeps its state on disk, began with what it found there: the state as of an entry. */
  onRecovered?(member: MemberId, index: Index, state: Uint8Array): void;
  /** A member's machine wrote its state, as of the last command that it applied. */
  onSnapshot?(member: MemberId, state: Uint8Array): void;
  /** Faults have stopped, and everything has converged. */
  onConverged?(): void;
}
