import type {
  CatchUp,
  GroupId,
  Index,
  MemberId,
  Membership,
  MembershipChange,
  NewMember,
  PendingChange,
  Progress,
  SnapshotInfo,
  Term,
} from '@flotilla/core';
import type { Command, MachineEvent, Outcome, SessionStamp, VersionRange } from '@flotilla/state-machine';
import type { Observable } from 'rxjs';
import type { RaftTransition } from './raft-step.ts';

/** How fresh a read must be. */
export type Consistency =
  /** Sees every write that was acknowledged before the read began, on any member. Costs one round to a majority. */
  | 'linearizable'
  /**
   * The same, and on the leader mostly without a round: relies on clocks that differ in speed by no more than
   * `leaseDriftPercent`.
   */
  | 'lease'
  /** Whatever this member has applied so far, or with `maxStalenessMs` nothing older than that. */
  | 'stale';

export interface CallOptions {
  /** How long to wait for the whole way, in milliseconds; afterwards the call fails with `timeout`. Default 5000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How a command is called. With a stamp, a repetition of it is answered as the first time, and not applied again. */
export interface CommandOptions extends CallOptions {
  readonly stamp?: SessionStamp;
}

/** A session, which lasts until nothing was heard of it for `ttlMs` of log time. */
export interface OpenedSession {
  readonly session: number;
  readonly ttlMs: number;
}

export interface QueryOptions extends CallOptions {
  /** Default `linearizable`. */
  readonly consistency?: Consistency;
  /** For a `stale` read: it sees everything that was acknowledged so many milliseconds before it began. */
  readonly maxStalenessMs?: number;
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

export type MemberRole = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/**
 * What a member is to its group. `founding`: it waits until all founders of its new group have met. `joining`: it waits to be
 * added. `removed`: it was a member, and will never be one again. `diverged`: its state was found to differ from that of the majority;
 * it serves nothing until it is found to agree.
 */
export type Standing = NewMember['role'] | 'founding' | 'joining' | 'removed' | 'diverged';

/** A member as another one sees it. */
export interface MemberStatus {
  readonly id: MemberId;
  readonly peerAddress: string;
  readonly clientAddress: string;
  readonly role: NewMember['role'];
  readonly priority: number;
  /** It is being removed, and still counts until that is committed. */
  readonly leaving: boolean;
  /** What the leader knows of it; null on other members, and of the leader itself. */
  readonly progress: {
    readonly matchIndex: Index;
    readonly mode: Progress['mode'];
    /** Milliseconds since it last answered. */
    readonly silentMs: number;
    /** For a learner that is to be promoted: how far it has come. */
    readonly catchUp: CatchUp | null;
  } | null;
}

/** What a member knows of its group right now. */
export interface GroupStatus {
  readonly group: GroupId;
  readonly member: MemberId;
  readonly standing: Standing;
  /** Its disk has lost something that others may rely on: it neither votes nor leads until it has that again. */
  readonly recovering: boolean;
  readonly role: MemberRole;
  readonly term: Term;
  readonly leader: MemberId | null;
  readonly lastIndex: Index;
  readonly commitIndex: Index;
  readonly appliedIndex: Index;
  readonly members: readonly MemberStatus[];
  /** A change of membership that waits until learners have caught up. */
  readonly pendingChange: PendingChange | null;
  /** A change of membership is on its way: not committed yet, waiting for learners, or in joint consensus. */
  readonly changeUnderWay: boolean;
  /** The member to which leadership is being transferred. */
  readonly transferTo: MemberId | null;
  /** Which version applies, and which ones this member's program can run. */
  readonly machine: { readonly name: string; readonly version: number; readonly versions: VersionRange };
}

/** A change of membership that was committed; or, where it waits for learners to catch up, that this is committed. */
export interface MembershipResult {
  readonly index: Index;
  readonly membership: Membership;
}

/** A host's replica of a group, as gateways and embedding programs see it. */
export interface Group {
  readonly id: GroupId;
  /**
   * Validates, replicates and applies a command; resolves once this member has applied it. Any member takes it.
   *
   * Errors are {@link RuntimeError}s: check their `outcome` before a retry.
   */
  execute(command: Command, options?: CommandOptions): Promise<Applied>;
  /** Opens a session for a client, which makes its commands exactly-once. Called twice, it opens two. */
  openSession(ttlMs: number, options?: CallOptions): Promise<OpenedSession>;
  /** Lets a session last for another `ttlMs` of log time. Fails with `session_expired` where there is none any more. */
  keepSession(session: number, options?: CallOptions): Promise<void>;
  /** Ends a session, and forgets what its commands were replied. Harmless when repeated. */
  closeSession(session: number, options?: CallOptions): Promise<void>;
  query(type: string, input: unknown, options?: QueryOptions): Promise<QueryResult>;
  status(): GroupStatus;
  /**
   * Changes the membership, on the leader only. Fails with `not_leader`, `change_under_way`, `leader_not_ready` or what else
   * `MembershipRefusal` names; with outcome `unknown` where the leader changed meanwhile: look at the status.
   */
  changeMembership(change: MembershipChange, options?: CallOptions): Promise<MembershipResult>;
  /** Stores the machine's state as of what is applied here, so that the log may be compacted. Needs a snapshot store. */
  takeSnapshot(): Promise<SnapshotInfo>;
  /**
   * The bytes of a snapshot that is stored here, each part verified before it is handed out, the whole before the last one. Fails
   * with `snapshot_missing` where it is not there any more, with `snapshot_damaged` where it is not intact.
   */
  readSnapshot(id: string): AsyncIterable<Uint8Array>;
  /** Resolves once everything is applied here that was acknowledged before the call, with the applied index: as a linearizable read. */
  sync(options?: CallOptions): Promise<Index>;
  /** Hands leadership to another voter, on the leader only. Resolves when this member has stepped down. */
  transferLeadership(target: MemberId, options?: CallOptions): Promise<void>;
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
  /** The current status at once, then whenever role, term, leader or membership change. */
  readonly roles$: Observable<GroupStatus>;
  /** Each input of this member, the events that it led to, and the states around them. */
  readonly raft$: Observable<RaftTransition>;
}
