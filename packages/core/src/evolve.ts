import type { MemberId } from './entry.ts';
import { invariant } from './errors.ts';
import type { RaftEvent } from './event.ts';
import { extend, truncateAfter } from './log.ts';
import type { Leader, Progress, RaftState } from './state.ts';

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
      invariant(state.role.kind === 'candidate', 'only a candidate counts votes');
      return { ...state, role: { ...state.role, votes: new Map(state.role.votes).set(event.from, event.granted) } };
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
        quiet: false,
        matchIndex: event.matchIndex,
        nextIndex: Math.max(peer.nextIndex, event.matchIndex + 1),
      }));
    case 'peer-rewound':
      return withPeer(state, event.peer, (peer) => ({ ...peer, mode: 'probe', probing: false, nextIndex: event.nextIndex }));
    case 'peer-confirmed':
      return withPeer(state, event.peer, (peer) => ({ ...peer, confirmedRound: event.round, quiet: true }));
    case 'heartbeats-sent':
      return withLeader(state, (leader) => ({ ...leader, round: event.round, heartbeatDeadline: event.nextDeadline }));
    case 'commit-advanced':
      return { ...state, commitIndex: event.commitIndex };
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

function evolveAppended(state: RaftState, entries: Extract<RaftEvent, { kind: 'entries-appended' }>['entries']): RaftState {
  let log = state.log;
  // Entries of one term come in runs: the log's shape changes once for each run, not once for each entry.
  for (let i = 0; i < entries.length; ) {
    const term = entries[i]?.term ?? 0;
    let end = i + 1;
    while (entries[end]?.term === term) end++;
    log = extend(log, term, end - i);
    i = end;
  }
  return { ...state, log, logTime: entries.at(-1)?.time ?? state.logTime };
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
    quiet: false,
  };
  const peers = state.membership.voters.filter((member) => member !== state.id);
  const progress = new Map(peers.map((member) => [member, fresh]));
  return {
    ...state,
    leader: state.id,
    role: { kind: 'leader', progress, openingIndex, heartbeatDeadline: Number.POSITIVE_INFINITY, round: 0, reads: [] },
  };
}

function withLeader(state: RaftState, change: (leader: Leader) => Leader): RaftState {
  invariant(state.role.kind === 'leader', 'only a leader keeps track of its followers');
  return { ...state, role: change(state.role) };
}

function withPeer(state: RaftState, peer: MemberId, change: (progress: Progress) => Progress): RaftState {
  return withLeader(state, (leader) => {
    const progress = leader.progress.get(peer);
    invariant(progress !== undefined, `member ${peer} is not a voter`);
    return { ...leader, progress: new Map(leader.progress).set(peer, change(progress)) };
  });
}
