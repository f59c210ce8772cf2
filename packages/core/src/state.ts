import { checkRaftConfig, type RaftConfig } from './config.ts';
import type { HardState, Index, MemberId, Term } from './entry.ts';
import { emptyLog, type LogShape, lastTerm } from './log.ts';
import { isVoter, type Membership } from './membership.ts';
import { draw } from './random.ts';

/**
 * Everything that a Raft member knows, as one immutable value.
 *
 * ```
 *             Input ──► decide(state, input) ──► { events, effects }
 *                             ▲                     │        │
 *    state ◄── evolve(state, event) ◄───────────────┘        └──► the runtime carries effects out
 * ```
 *
 * The core has no clock, no randomness and no I/O: `now` comes with each input, the generator's seed is part of the
 * state, and what is to be done outside is said as effects.
 */
export interface RaftState {
  readonly id: MemberId;
  readonly config: RaftConfig;
  readonly membership: Membership;
  /** Seed of the next random draw. */
  readonly seed: number;

  /** Latest term seen, and the vote given in it (paper, figure 2, "persistent state"). */
  readonly term: Term;
  readonly vote: MemberId | null;
  readonly log: LogShape;
  /** Log time of the last entry, in milliseconds. */
  readonly logTime: number;

  /** Durable writes that were asked for and are not on disk yet, oldest first. */
  readonly pendingWrites: readonly PendingWrite[];
  readonly nextWriteSequence: number;
  /** The log is on this member's own disk up to here. */
  readonly persistedIndex: Index;

  readonly commitIndex: Index;
  /** The apply loop was told to apply up to here: never beyond the commit index nor beyond the own disk. */
  readonly applyIndex: Index;

  /** The leader of `term`, as far as known. */
  readonly leader: MemberId | null;
  /** Since when (monotonic ms) this member waits for a leader or an election result, and how long it will. */
  readonly electionTimerStart: number;
  readonly electionTimeoutMs: number;
  readonly role: Role;
}

/** A write under way. `lastIndex` is where the log on disk will end once it is done. */
export interface PendingWrite {
  readonly sequence: number;
  readonly term: Term;
  readonly lastIndex: Index;
}

export interface Follower {
  readonly kind: 'follower';
}

export interface Candidate {
  readonly kind: 'candidate';
  /** Who answered, and whether with a yes. The own vote is here only once it is on disk. */
  readonly votes: ReadonlyMap<MemberId, boolean>;
}

export interface Leader {
  readonly kind: 'leader';
  /** One for every other voter. */
  readonly progress: ReadonlyMap<MemberId, Progress>;
  /** The entry that opened this leadership; once it is committed, so is everything before it (thesis 6.4). */
  readonly openingIndex: Index;
  readonly heartbeatDeadline: number;
  /** Number of the latest broadcast of heartbeats. */
  readonly round: number;
  /** Reads that wait for a majority to confirm this leadership, oldest first. */
  readonly reads: readonly PendingRead[];
  /** What this leader appended and has not committed yet, oldest first. */
  readonly uncommitted: readonly UncommittedBatch[];
}

/** Entries that were appended together. */
export interface UncommittedBatch {
  readonly lastIndex: Index;
  readonly payloadBytes: number;
}

export type Role = Follower | Candidate | Leader;

/** What a leader knows of one follower. */
export interface Progress {
  /** The follower's log is known to equal the leader's up to here, durably. */
  readonly matchIndex: Index;
  /** The next entry to send. */
  readonly nextIndex: Index;
  /**
   * `probe`: one append at a time, to find where the logs meet. `replicate`: appends follow each other without waiting.
   */
  readonly mode: 'probe' | 'replicate';
  /** In `probe`: an append is out and not answered. */
  readonly probing: boolean;
  /** The latest round of heartbeats that the follower answered. */
  readonly confirmedRound: number;
  /** Since when (monotonic ms) it confirms rounds and acknowledges nothing of what it was sent, or since it was last asked. */
  readonly quietSince: number | null;
  /** The highest commit index that it was told, though it may not have arrived. */
  readonly toldCommit: Index;
}

export interface PendingRead {
  readonly id: number;
  /** The follower that asked, or null for this member itself. */
  readonly from: MemberId | null;
  /** The read may be served at this index once `round` is confirmed; null until the opening entry is committed. */
  readonly ready: { readonly index: Index; readonly round: number } | null;
}

/** What a member needs to begin, or to begin again. */
export interface RaftStart {
  readonly id: MemberId;
  readonly membership: Membership;
  readonly config: RaftConfig;
  /** Any integer; members of a group must differ in it. */
  readonly seed: number;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** What the member's disk holds; absent for a new member. */
  readonly recovered?: { readonly hardState: HardState; readonly log: LogShape; readonly lastTime: number };
}

/** The state of a member that has just started: a follower that waits one election timeout for a leader. */
export function initialState(start: RaftStart): RaftState {
  checkRaftConfig(start.config);
  const log = start.recovered?.log ?? emptyLog;
  const first = draw(start.seed);
  return {
    id: start.id,
    config: start.config,
    membership: start.membership,
    seed: first.seed,
    term: start.recovered?.hardState.term ?? 0,
    vote: start.recovered?.hardState.vote ?? null,
    log,
    logTime: start.recovered?.lastTime ?? 0,
    pendingWrites: [],
    nextWriteSequence: 1,
    persistedIndex: log.lastIndex,
    commitIndex: log.snapshotIndex,
    applyIndex: log.snapshotIndex,
    leader: null,
    electionTimerStart: start.now,
    electionTimeoutMs: electionTimeout(start.config, first.value),
    role: { kind: 'follower' },
  };
}

/** An election timeout between one and two times the configured one (paper 5.2), `random` in [0, 1) choosing it. */
export function electionTimeout(config: RaftConfig, random: number): number {
  return config.electionTimeoutMs + Math.floor(random * config.electionTimeoutMs);
}

/** When the core next wants a `deadline-reached` input, in monotonic milliseconds; never, where it would do nothing. */
export function deadline(state: RaftState): number {
  if (state.role.kind === 'leader') return state.role.heartbeatDeadline;
  if (!isVoter(state.membership, state.id)) return Number.POSITIVE_INFINITY;
  return state.electionTimerStart + state.electionTimeoutMs;
}

/** A member in one line, for transcripts and error messages. */
export function describeState(state: RaftState): string {
  const leader = state.leader === null ? 'none' : state.leader;
  return `${state.role.kind} term=${state.term} vote=${state.vote ?? 'none'} leader=${leader} last=${state.log.lastIndex}@${lastTerm(state.log)} persisted=${state.persistedIndex} commit=${state.commitIndex}`;
}
