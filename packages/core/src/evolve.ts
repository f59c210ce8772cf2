import type { Entry, Index, MemberId } from './entry.ts';
import { invariant } from './errors.ts';
import type { RaftEvent } from './event.ts';
import { extend, truncateAfter } from './log.ts';
import { candidateOf, leaderOf, progressOf } from './roles.ts';
import type { Leader, Progress, RaftState, Role } from './state.ts';

/** The state after `event`. Events are facts: nothing is decided here. */
export function evolve(state: RaftState, event: RaftEvent): RaftState {
  switch (event.kind) {
    case 'term-advanced':
      return { ...state, term: event.term, vote: null, leader: null };
    case 'vote-cast':
      return { ...state, vote: event.candidate };
    case 'log-truncated':
      return evolveTruncated(state, event.after);
    case 'entries-appended':
      return evolveAppended(state, event.entries);
    case 'write-issued':
      return {
        ...state,
        nextWriteSequence: event.sequence + 1,
        pendingWrites: [...state.pendingWrites, { sequence: event.sequence, term: state.term, lastIndex: state.log.lastIndex }],
      };
    case 'write-completed':
      return evolveWritten(state, event.sequence);
    case 'election-timeout-drawn':
      return { ...state, electionTimeoutMs: event.timeoutMs, seed: event.seed };
    case 'election-timer-started':
      return { ...state, electionTimerStart: event.at };
    case 'became-follower':
      return { ...state, role: { kind: 'follower' } };
    case 'became-candidate':
      return { ...state, leader: null, role: { kind: 'candidate', votes: new Map() } };
    case 'became-leader':
      return evolveLeader(state, event.openingIndex);
    case 'leader-learned':
      return { ...state, leader: event.leader };
    case 'vote-counted': {
      const candidate = candidateOf(state);
      return { ...state, role: { ...candidate, votes: new Map(candidate.votes).set(event.from, event.granted) } };
    }
    case 'peer-probed':
      return withPeer(state, event.peer, (peer) => ({ ...peer, probing: true }));
    case 'peer-sent':
      return withPeer(state, event.peer, (peer) => ({ ...peer, nextIndex: event.nextIndex }));
    case 'peer-matched':
      return withPeer(state, event.peer, (peer) => ({
        ...peer,
        mode: 'replicate',
        probing: false,
        quietSince: null,
        matchIndex: event.matchIndex,
        nextIndex: Math.max(peer.nextIndex, event.matchIndex + 1),
      }));
    case 'peer-rewound':
      return withPeer(state, event.peer, (peer) => ({ ...peer, mode: 'probe', probing: false, nextIndex: event.nextIndex }));
    case 'peer-confirmed':
      return withPeer(state, event.peer, (peer) => ({ ...peer, confirmedRound: event.round }));
    case 'peer-quiet':
      return withPeer(state, event.peer, (peer) => ({ ...peer, quietSince: event.at }));
    case 'commit-told':
      return withPeer(state, event.peer, (peer) => ({ ...peer, toldCommit: event.commitIndex }));
    case 'heartbeats-sent':
      return withLeader(state, (leader) => ({ ...leader, round: event.round, heartbeatDeadline: event.nextDeadline }));
    case 'commit-advanced':
      return { ...state, commitIndex: event.commitIndex, role: withoutCommitted(state.role, event.commitIndex) };
    case 'apply-advanced':
      return { ...state, applyIndex: event.applyIndex };
    case 'read-registered':
      return withLeader(state, (leader) => ({ ...leader, reads: [...leader.reads, event.read] }));
    case 'reads-readied': {
      const ready = { index: event.index, round: event.round };
      return withLeader(state, (leader) => ({ ...leader, reads: leader.reads.map((read) => (read.ready ? read : { ...read, ready })) }));
    }
    case 'reads-answered':
      return withLeader(state, (leader) => ({ ...leader, reads: leader.reads.slice(event.count) }));
  }
}

function evolveAppended(state: RaftState, entries: readonly Entry[]): RaftState {
  const last = entries.at(-1);
  invariant(last !== undefined, 'nothing was appended');
  // Entries of one term come in runs: the log's shape changes once for each run, not once for each entry.
  let log = state.log;
  let runStart = 0;
  entries.forEach(({ term }, i) => {
    if (entries[i + 1]?.term === term) return;
    log = extend(log, term, i + 1 - runStart);
    runStart = i + 1;
  });
  return { ...state, log, logTime: last.time, role: withUncommitted(state.role, entries, last.index) };
}

/** Only a leader counts: it answers for what it took. */
function withUncommitted(role: Role, entries: readonly Entry[], lastIndex: Index): Role {
  if (role.kind !== 'leader') return role;
  const payloadBytes = entries.reduce((sum, { payload }) => sum + payload.length, 0);
  return { ...role, uncommitted: [...role.uncommitted, { lastIndex, payloadBytes }] };
}

function withoutCommitted(role: Role, commitIndex: Index): Role {
  if (role.kind !== 'leader') return role;
  return { ...role, uncommitted: role.uncommitted.filter(({ lastIndex }) => lastIndex > commitIndex) };
}

/**
 * What is cut off is no longer on its way to the disk either: a write that was issued before the cut must not count for
 * the entries that take its place (rabbitmq-server#16688).
 */
function evolveTruncated(state: RaftState, after: number): RaftState {
  return {
    ...state,
    log: truncateAfter(state.log, after),
    persistedIndex: Math.min(state.persistedIndex, after),
    pendingWrites: state.pendingWrites.map((write) => ({ ...write, lastIndex: Math.min(write.lastIndex, after) })),
  };
}

function evolveWritten(state: RaftState, sequence: number): RaftState {
  const done = state.pendingWrites.filter((write) => write.sequence <= sequence);
  return {
    ...state,
    pendingWrites: state.pendingWrites.slice(done.length),
    persistedIndex: done.at(-1)?.lastIndex ?? state.persistedIndex,
  };
}

function evolveLeader(state: RaftState, openingIndex: number): RaftState {
  const fresh: Progress = {
    matchIndex: 0,
    nextIndex: state.log.lastIndex + 1,
    mode: 'probe',
    probing: false,
    confirmedRound: 0,
    quietSince: null,
    toldCommit: 0,
  };
  const peers = state.membership.voters.filter((member) => member !== state.id);
  const progress = new Map(peers.map((member) => [member, fresh]));
  return {
    ...state,
    leader: state.id,
    role: { kind: 'leader', progress, openingIndex, heartbeatDeadline: Number.POSITIVE_INFINITY, round: 0, reads: [], uncommitted: [] },
  };
}

function withLeader(state: RaftState, change: (leader: Leader) => Leader): RaftState {
  return { ...state, role: change(leaderOf(state)) };
}

function withPeer(state: RaftState, peer: MemberId, change: (progress: Progress) => Progress): RaftState {
  const progress = change(progressOf(state, peer));
  return withLeader(state, (leader) => ({ ...leader, progress: new Map(leader.progress).set(peer, progress) }));
}
