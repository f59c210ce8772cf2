import type { RaftEvent } from './event.ts';
import { type Draft, draftOfLeader, draftOfState } from './evolve/draft.ts';
import { evolveLeader, openLeadership } from './evolve/leadership.ts';
import { evolveAppended, evolveCompacted, evolveInstalled, evolveIssued, evolveTruncated, evolveWritten } from './evolve/log.ts';
import { evolvePeer } from './evolve/peer.ts';
import { evolveSnapshot } from './evolve/snapshot.ts';
import type { Leader } from './role.ts';
import { voteCounterOf } from './roles.ts';
import type { RaftState } from './state.ts';

/** The state after `event`. Events are facts: nothing is decided here. */
export function evolve(state: RaftState, event: RaftEvent): RaftState {
  const next = draftOfState(state);
  change(next, event);
  return next;
}

function change(next: Draft<RaftState>, event: RaftEvent): void {
  switch (event.kind) {
    case 'term-advanced':
      next.term = event.term;
      next.vote = null;
      next.leader = null;
      return;
    case 'vote-cast':
      next.vote = event.candidate;
      return;
    case 'recovered':
      next.recovering = false;
      return;
    case 'log-truncated':
      return evolveTruncated(next, event.after);
    case 'entries-appended':
      return evolveAppended(next, event.entries);
    case 'log-compacted':
      return evolveCompacted(next, event.base);
    case 'snapshot-installed':
      return evolveInstalled(next, event.snapshot);
    case 'write-issued':
      return evolveIssued(next, event.sequence, event.at);
    case 'write-completed':
      return evolveWritten(next, event.sequence, event.at);
    case 'election-timeout-drawn':
      next.electionTimeoutMs = event.timeoutMs;
      next.seed = event.seed;
      return;
    case 'election-timer-started':
      next.electionTimerStart = event.at;
      return;
    case 'election-passed':
      next.electionsPassed++;
      return;
    case 'became-follower':
      next.role = { kind: 'follower' };
      if (next.leader === next.id) next.leader = null;
      return;
    case 'became-pre-candidate':
    case 'became-candidate':
      next.role = { kind: event.kind === 'became-candidate' ? 'candidate' : 'pre-candidate', votes: new Map() };
      next.leader = null;
      return;
    case 'became-leader':
      next.leader = next.id;
      next.electionsPassed = 0;
      next.role = openLeadership(next, event.openingIndex, event.at);
      return;
    case 'leader-heard':
      next.leader = event.leader;
      next.leaderHeardAt = event.at;
      next.electionTimerStart = event.at;
      next.electionsPassed = 0;
      return;
    case 'vote-counted': {
      const { kind, votes } = voteCounterOf(next);
      next.role = { kind, votes: new Map(votes).set(event.from, event.granted) };
      return;
    }
    case 'quiesced':
      next.quiesced = true;
      return;
    case 'unquiesced':
      return evolveUnquiesced(next, event.at);
    case 'host-lost':
      next.unreachable = [...next.unreachable, event.peer];
      return;
    case 'host-found':
      next.unreachable = next.unreachable.filter((peer) => peer !== event.peer);
      return;
    case 'storage-filled':
    case 'storage-freed':
      next.storageFull = event.kind === 'storage-filled';
      return;
    case 'commit-advanced':
      next.commitIndex = event.commitIndex;
      if (next.role.kind === 'leader') next.role = withoutCommitted(next.role, event.commitIndex);
      return;
    case 'apply-advanced':
      next.applyIndex = event.applyIndex;
      return;
    case 'snapshot-taken':
    case 'snapshot-offered':
    case 'chunk-accepted':
    case 'chunk-stored':
    case 'restore-begun':
    case 'incoming-dropped':
      return evolveSnapshot(next, event);
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
      return evolveLeader(next, event);
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
      return evolvePeer(next, event);
  }
}

/**
 * Whoever slept could not answer, nor was there anything to hear: a leader's peers, and a follower's leader, get their time anew.
 * So whoever wakes the group without having heard that leader does not depose it.
 */
function evolveUnquiesced(next: Draft<RaftState>, at: number): void {
  next.quiesced = false;
  if (next.role.kind !== 'leader') {
    next.electionTimerStart = at;
    next.leaderHeardAt = at;
    return;
  }
  const leader = draftOfLeader(next.role);
  leader.progress = new Map([...leader.progress].map(([peer, known]) => [peer, { ...known, activeAt: at }]));
  leader.heartbeatDeadline = at;
  leader.idleIntervals = 0;
  next.role = leader;
}

function withoutCommitted(role: Leader, commitIndex: number): Leader {
  const leader = draftOfLeader(role);
  leader.uncommitted = leader.uncommitted.filter(({ lastIndex }) => lastIndex > commitIndex);
  return leader;
}
