import type { GroupId, Index, MemberId, Term } from '@flotilla/core';
import type { Command, MachineEvent, Outcome } from '@flotilla/state-machine';
import type { Observable } from 'rxjs';
import type { RaftStep } from './raft-step.ts';

/** How fresh a read must be. */
export type Consistency =
  /** Sees every write that was acknowledged before the read began, on any member. Costs one round to a majority. */
  | 'linearizable'
  /** Whatever this member has applied so far. */
  | 'stale';

export interface CallOptions {
  /** How long to wait for the whole way, in milliseconds; afterwards the call fails with `timeout`. Default 5000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface QueryOptions extends CallOptions {
  /** Default `linearizable`. */
  readonly consistency?: Consistency;
}

/** A command that was committed and applied on this member. */
export interface Applied {
  readonly index: Index;
  readonly term: Term;
  readonly outcome: Outcome;
}

/** A read and the applied index that it saw. */
export interface QueryResult {
  readonly index: Index;
  readonly result: unknown;
}

/** The events that one log entry caused. */
export interface EventBatch {
  readonly index: Index;
  readonly term: Term;
  /** Log time of the entry in milliseconds. */
  readonly time: number;
  readonly events: readonly MachineEvent[];
}

export type MemberRole = 'follower' | 'candidate' | 'leader';

/** What a member knows of its group right now. */
export interface GroupStatus {
  readonly group: GroupId;
  readonly member: MemberId;
  readonly role: MemberRole;
  readonly term: Term;
  readonly leader: MemberId | null;
  readonly lastIndex: Index;
  readonly commitIndex: Index;
  readonly appliedIndex: Index;
  readonly voters: readonly MemberId[];
  readonly machine: { readonly name: string; readonly version: number };
}

/** A host's replica of a group, as gateways and embedding programs see it. */
export interface Group {
  readonly id: GroupId;
  /**
   * Validates, replicates and applies a command; resolves once this member has applied it. Any member takes it.
   *
   * Errors are {@link RuntimeError}s: check their `outcome` before a retry.
   */
  execute(command: Command, options?: CallOptions): Promise<Applied>;
  query(type: string, input: unknown, options?: QueryOptions): Promise<QueryResult>;
  status(): GroupStatus;
  /**
   * Every event from index `from` on, in order and without a gap, first from the journal and then as they are applied.
   * A slow reader slows nobody down. Ends when the signal aborts or the host stops; throws `journal_compacted` where
   * `from` is no longer in the journal.
   */
  events(options: { readonly from: Index; readonly signal?: AbortSignal }): AsyncIterable<EventBatch>;
  /** The first index from which the journal is complete. */
  journalStart(): Index;
  /** For watching: a subscriber that is late misses what came before. Use {@link Group.events} to miss nothing. */
  readonly events$: Observable<EventBatch>;
  /** The applied index after each batch. */
  readonly applied$: Observable<Index>;
  /** The current status at once, then whenever role, term or leader change. */
  readonly roles$: Observable<GroupStatus>;
  /** Each input of this member and the events that it led to. */
  readonly raft$: Observable<RaftStep>;
}
