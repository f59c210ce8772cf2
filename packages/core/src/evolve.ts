import type { RaftEvent } from './event.ts';
import { evolveLeader, openLeadership } from './evolve/leadership.ts';
import { evolveAppended, evolveCompacted, evolveInstalled, evolveTruncated, evolveWritten } from './evolve/log.ts';
import { evolvePeer } from './evolve/peer.ts';
import { evolveSnapshot } from './evolve/snapshot.ts';
import { voteCounterOf } from './roles.ts';
import type { RaftState } from './state.ts';

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
    case 'log-compacted':
      return evolveCompacted(state, event.base);
    case 'snapshot-installed':
      return evolveInstalled(state, event.snapshot);
    case 'write-issued': {
      const { sequence, at } = event;
      const write = { sequence, term: state.term, lastIndex: state.log.lastIndex, issuedAt: at };
      return { ...state, nextWriteSequence: sequence + 1, pendingWrites: [...state.pendingWrites, write] };
    }
    case 'write-completed':
      return evolveWritten(state, event.sequence, event.at);
    case 'election-timeout-drawn':
      return { ...state, electionTimeoutMs: event.timeoutMs, seed: event.seed };
    case 'election-timer-started':
      return { ...state, electionTimerStart: event.at };
    case 'election-passed':
      return { ...state, electionsPassed: state.electionsPassed + 1 };
    case 'became-follower':
      return { ...state, role: { kind: 'follower' }, leader: state.leader === state.id ? null : state.leader };
    case 'became-pre-candidate':
      return { ...state, leader: null, role: { kind: 'pre-candidate', votes: new Map() } };
    case 'became-candidate':
      return { ...state, leader: null, role: { kind: 'candidate', votes: new Map() } };
    case 'became-leader':
      return { ...state, leader: state.id, electionsPassed: 0, role: openLeadership(state, event.openingIndex, event.at) };
    case 'leader-heard':
      return { ...state, leader: event.leader, leaderHeardAt: event.at, electionTimerStart: event.at, electionsPassed: 0 };
    case 'vote-counted': {
      const role = voteCounterOf(state);
      return { ...state, role: { ...role, votes: new Map(role.votes).set(event.from, event.granted) } };
    }
    case 'quiesced':
      return { ...state, quiesced: true };
    case 'unquiesced':
      return evolveUnquiesced(state, event.at);
    case 'host-lost':
      return { ...state, unreachable: [...state.unreachable, event.peer] };
    case 'host-found':
      return { ...state, unreachable: state.unreachable.filter((peer) => peer !== event.peer) };
    case 'commit-advanced':
      return { ...state, commitIndex: event.commitIndex, role: withoutCommitted(state, event.commitIndex) };
    case 'apply-advanced':
      return { ...state, applyIndex: event.applyIndex };
    case 'snapshot-taken':
    case 'snapshot-offered':
    case 'chunk-accepted':
    case 'chunk-stored':
    case 'restore-begun':
    case 'incoming-dropped':
      return evolveSnapshot(state, event);
    case 'peer-joined':
    case 'peer-left':
    case 'heartbeats-sent':
    case 'read-registered':
    case 'reads-readied':
    case 'reads-answered':
    case 'change-requested':
    case 'change-answered':
    case 'transfer-begun':
    case 'transfer-asked':
    case 'transfer-ended':
    case 'proposal-paused':
      return evolveLeader(state, event);
    case 'peer-probed':
    case 'append-asked':
    case 'append-noted':
    case 'peer-matched':
    case 'peer-rewound':
    case 'peer-confirmed':
    case 'peer-quiet':
    case 'peer-caught-up':
    case 'snapshot-sending':
    case 'chunk-acknowledged':
    case 'commit-told':
      return evolvePeer(state, event);
  }
}

/**
 * Whoever slept could not answer, nor was there anything to hear: a leader's peers, and a follower's leader, get their time anew.
 * So whoever wakes the group without having heard that leader does not depose it.
 */
function evolveUnquiesced(state: RaftState, at: number): RaftState {
  const { role } = state;
  if (role.kind !== 'leader') return { ...state, quiesced: false, electionTimerStart: at, leaderHeardAt: at };
  const progress = new Map([...role.progress].map(([peer, known]) => [peer, { ...known, activeAt: at }]));
  return { ...state, quiesced: false, role: { ...role, progress, heartbeatDeadline: at, idleIntervals: 0 } };
}

function withoutCommitted({ role }: RaftState, commitIndex: number): RaftState['role'] {
  if (role.kind !== 'leader') return role;
  return { ...role, uncommitted: role.uncommitted.filter(({ lastIndex }) => lastIndex > commitIndex) };
}
