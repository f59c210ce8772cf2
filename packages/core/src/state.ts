import { checkRaftConfig, type RaftConfig } from './config.ts';
import type { HardState, Index, MemberId, Term } from './entry.ts';
import { invariant } from './errors.ts';
import { emptyLog, type LogShape, lastTerm } from './log.ts';
import { findMember, isVoter, isWitness, type Membership, type PlacedMembership, quorumValue } from './membership.ts';
import { draw } from './random.ts';
import type { Role } from './role.ts';
import type { SnapshotInfo } from './snapshot.ts';

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
  /** Keeps no payloads and never leads, see {@link MemberInfo.witness}. Known from the start: it may join before it reads so. */
  readonly witness: boolean;
  /** The newest membership in the log, committed or not: the one that counts (thesis 4.1). */
  readonly membership: Membership;
  /** That of the log's beginning, then every one in the log, oldest first; the last is {@link RaftState.membership}. */
  readonly memberships: readonly PlacedMembership[];
  /** Seed of the next random draw. */
  readonly seed: number;

  /** Latest term seen, and the vote given in it (paper, figure 2, "persistent state"). */
  readonly term: Term;
  readonly vote: MemberId | null;
  /** Its disk has lost something that others may rely on: until it has that again, it helps nobody to lead (see `recovering.ts`). */
  readonly recovering: boolean;
  readonly log: LogShape;
  /** Log time of the last entry, in milliseconds. */
  readonly logTime: number;
  /** The newest snapshot that this member has. */
  readonly snapshot: SnapshotInfo | null;
  /** A snapshot that a leader is sending. */
  readonly incoming: IncomingSnapshot | null;

  /** Durable writes that were asked for and are not on disk yet, oldest first. */
  readonly pendingWrites: readonly PendingWrite[];
  readonly nextWriteSequence: number;
  /** When (monotonic ms) a write was last done; at first, when this member started. */
  readonly lastWriteAt: number;
  /** The log is on this member's own disk up to here. */
  readonly persistedIndex: Index;

  readonly commitIndex: Index;
  /** The apply loop was told to apply up to here: never beyond the commit index nor beyond the own disk. */
  readonly applyIndex: Index;

  /** The leader of `term`, as far as known. */
  readonly leader: MemberId | null;
  /** When (monotonic ms) this member last heard a leader: until an election timeout later it helps nobody else to lead. */
  readonly leaderHeardAt: number | null;
  /** Since when (monotonic ms) this member waits for a leader or an election result, and how long it will. */
  readonly electionTimerStart: number;
  readonly electionTimeoutMs: number;
  /** Elections that it let pass to members of higher priority since it last heard a leader. */
  readonly electionsPassed: number;
  /** The group sleeps: no heartbeats, no election timer, until somebody has something to say or a host is lost. */
  readonly quiesced: boolean;
  /** There is no room on the disk for anything but what elections, reads and compaction need. */
  readonly storageFull: boolean;
  /** Hosts that cannot be reached just now, as the transport says. */
  readonly unreachable: readonly MemberId[];
  readonly role: Role;
}

/** A write under way. `lastIndex` is where the log on disk will end once it is done. */
export interface PendingWrite {
  readonly sequence: number;
  readonly term: Term;
  readonly lastIndex: Index;
  /** Monotonic ms. */
  readonly issuedAt: number;
}

export interface IncomingSnapshot {
  readonly snapshot: SnapshotInfo;
  /** Everything before this is here. */
  readonly offset: number;
  /** `waiting` for the next chunk, `storing` one, or with all of it here `restoring` the machine. */
  readonly stage: 'waiting' | 'storing' | 'restoring';
}

/** What a member needs to begin, or to begin again. */
export interface RaftStart {
  readonly id: MemberId;
  readonly config: RaftConfig;
  readonly witness?: boolean;
  /** That of the log's beginning, then every one in the log, oldest first; at least one. */
  readonly memberships: readonly PlacedMembership[];
  /** Any integer; members of a group must differ in it. */
  readonly seed: number;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** What the member's disk holds; absent for a new member. */
  readonly recovered?: {
    /** Of a recovering member, what `beginRecovering` made of it. */
    readonly hardState: HardState;
    readonly log: LogShape;
    readonly lastTime: number;
    readonly snapshot?: SnapshotInfo | null;
    /** Everything up to here is known to have been committed: it was applied in an earlier life. */
    readonly committed?: Index;
  };
}

/** The state of a member that has just started: a follower that waits one election timeout for a leader. */
export function initialState(start: RaftStart): RaftState {
  checkRaftConfig(start.config);
  const log = start.recovered?.log ?? emptyLog;
  const snapshot = start.recovered?.snapshot ?? null;
  const newest = start.memberships.at(-1);
  invariant(newest !== undefined, `member ${start.id} starts without a membership`);
  const first = draw(start.seed);
  const term = start.recovered?.hardState.term ?? 0;
  const restored = snapshot?.index ?? log.snapshotIndex;
  const committed = Math.max(restored, Math.min(start.recovered?.committed ?? 0, log.lastIndex));
  invariant(committed <= log.lastIndex, `the log of member ${start.id} ends before its snapshot: see interruptedInstall`);
  return {
    id: start.id,
    config: start.config,
    witness: start.witness ?? isWitness(newest.membership, start.id),
    membership: newest.membership,
    memberships: start.memberships,
    seed: first.seed,
    term,
    vote: start.recovered?.hardState.vote ?? null,
    recovering: start.recovered?.hardState.recovering ?? false,
    log,
    logTime: start.recovered?.lastTime ?? 0,
    snapshot,
    incoming: null,
    pendingWrites: [],
    nextWriteSequence: 1,
    lastWriteAt: start.now,
    persistedIndex: log.lastIndex,
    commitIndex: committed,
    applyIndex: committed,
    leader: null,
    // Whoever starts may have heard a leader a moment ago, and that leader may still rely on it: also a new member, which answers
    // heartbeats before its first write is done, and knows of nothing if that write is lost.
    leaderHeardAt: start.now,
    electionTimerStart: start.now,
    electionTimeoutMs: electionTimeout(start.config, first.value),
    electionsPassed: 0,
    quiesced: false,
    storageFull: false,
    unreachable: [],
    role: { kind: 'follower' },
  };
}

/** An election timeout between one and two times the configured one (paper 5.2), `random` in [0, 1) choosing it. */
export function electionTimeout(config: RaftConfig, random: number): number {
  return config.electionTimeoutMs + Math.floor(random * config.electionTimeoutMs);
}

/** Whether this member may call elections: its vote counts, and it would have what a leader needs. */
export function mayLead({ membership, id, witness, recovering }: RaftState): boolean {
  return isVoter(membership, id) && !witness && !recovering;
}

/** What must be on disk of the term and the vote. */
export function hardStateOf({ term, vote, recovering }: RaftState): HardState {
  return recovering ? { term, vote, recovering } : { term, vote };
}

/**
 * When the disk must count as stalled, in monotonic milliseconds: something waits for it, and nothing gets done. A disk that
 * is merely busy finishes one write after the other, even if each has waited long.
 */
export function diskStallsAt({ pendingWrites, lastWriteAt, config }: RaftState): number {
  return Math.max(pendingWrites[0]?.issuedAt ?? Number.POSITIVE_INFINITY, lastWriteAt) + config.electionTimeoutMs;
}

/** How many rounds of a leader may wait for their confirmation: with more, reads wait for the next one and share it. */
const roundsInFlightMax = 8;

/** Whether a leader may begin another round for its reads now. */
export function mayBeginRound({ role, membership, id }: RaftState): boolean {
  if (role.kind !== 'leader') return false;
  const confirmed = quorumValue(membership, (member) => (member === id ? role.round : (role.progress.get(member)?.confirmedRound ?? 0)));
  return role.round - confirmed < roundsInFlightMax;
}

/**
 * When the core next wants a `deadline-reached` input, in monotonic milliseconds; never, where it would do nothing. Look
 * at the end of every turn: what is due at once waits for it, so that all reads of a turn share a round.
 */
export function deadline(state: RaftState): number {
  const { role, quiesced, electionTimerStart, electionTimeoutMs } = state;
  if (quiesced) return Number.POSITIVE_INFINITY;
  if (role.kind === 'leader') {
    if (role.roundWanted && mayBeginRound(state)) return Number.NEGATIVE_INFINITY;
    return Math.min(role.heartbeatDeadline, role.transfer?.deadline ?? Number.POSITIVE_INFINITY, diskStallsAt(state));
  }
  return mayLead(state) ? electionTimerStart + electionTimeoutMs : Number.POSITIVE_INFINITY;
}

/** The newest membership of which this member knows that it is committed. */
export function committedMembership({ memberships, commitIndex }: RaftState): Membership {
  const committed = memberships.findLast(({ index }) => index <= commitIndex);
  invariant(committed !== undefined, 'no membership is committed');
  return committed.membership;
}

/** Whether this member knows of every membership in its log that it is committed: none is on its way. */
export function isSettled({ memberships, commitIndex }: RaftState): boolean {
  return memberships.every(({ index }) => index <= commitIndex);
}

/** The membership as of an entry that is in the log, or at its beginning. */
export function membershipAt({ memberships }: RaftState, index: Index): Membership {
  const placed = memberships.findLast((each) => each.index <= index);
  invariant(placed !== undefined, `no membership is known as of entry ${index}`);
  return placed.membership;
}

/** Whether somebody keeps no payloads: also who is leaving, and whom only an older membership knows. */
export function keepsNoPayloads({ memberships }: RaftState, id: MemberId): boolean {
  const newest = memberships.findLast(({ membership }) => findMember(membership, id) !== undefined);
  return newest !== undefined && isWitness(newest.membership, id);
}

/** A member in one line, for transcripts and error messages. */
export function describeState(state: RaftState): string {
  const leader = state.leader === null ? 'none' : state.leader;
  const asleep = state.quiesced ? ' asleep' : '';
  const recovering = state.recovering ? ' recovering' : '';
  return `${state.role.kind}${asleep}${recovering} term=${state.term} vote=${state.vote ?? 'none'} leader=${leader} last=${state.log.lastIndex}@${lastTerm(state.log)} persisted=${state.persistedIndex} commit=${state.commitIndex}`;
}
