import type { Index, MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import type { LeaderEvent } from '../event.ts';
import { peersOf } from '../membership.ts';
import type { Leader, Progress } from '../role.ts';
import { leaderOf } from '../roles.ts';
import type { RaftState } from '../state.ts';

/** How many rounds a leader remembers the time of: more than may be without an answer at a time. */
const recentRoundsMax = 32;

/** The least that an adaptive batch carries, in bytes of payload. */
export const batchBytesMin = 64 * 1024;

export function openLeadership(state: RaftState, openingIndex: Index, at: number): Leader {
  const fresh = freshProgress(state, at);
  return {
    kind: 'leader',
    progress: new Map(peersOf(state.membership, state.id).map((member) => [member, fresh])),
    openingIndex,
    heartbeatDeadline: Number.POSITIVE_INFINITY,
    idleIntervals: 0,
    round: 0,
    recentRounds: [],
    roundWanted: false,
    reads: [],
    uncommitted: [],
    changeRequest: null,
    transfer: null,
    paused: [],
    leaseVoid: false,
  };
}

function freshProgress({ log, config }: RaftState, at: number): Progress {
  return {
    matchIndex: 0,
    nextIndex: log.lastIndex + 1,
    mode: 'probe',
    probing: false,
    sending: false,
    inflight: [],
    batchBytes: Math.min(batchBytesMin, config.appendBytesMax),
    outgoing: null,
    confirmedRound: 0,
    loyalUntil: Number.NEGATIVE_INFINITY,
    activeAt: at,
    sentAt: Number.NEGATIVE_INFINITY,
    quietSince: null,
    toldCommit: 0,
    catchUp: null,
  };
}

export function evolveLeader(state: RaftState, event: LeaderEvent): RaftState {
  return { ...state, role: leaderAfter(state, leaderOf(state), event) };
}

function leaderAfter(state: RaftState, leader: Leader, event: LeaderEvent): Leader {
  switch (event.kind) {
    case 'peer-joined':
      return { ...leader, progress: new Map(leader.progress).set(event.peer, freshProgress(state, event.at)) };
    case 'peer-left':
      return { ...leader, progress: without(leader.progress, event.peer) };
    case 'heartbeats-sent': {
      const { round, at, nextDeadline, idleIntervals } = event;
      const recentRounds = [...leader.recentRounds, { round, sentAt: at }].slice(-recentRoundsMax);
      return { ...leader, round, recentRounds, heartbeatDeadline: nextDeadline, idleIntervals, roundWanted: false };
    }
    case 'read-registered':
      return { ...leader, reads: [...leader.reads, event.read], roundWanted: leader.roundWanted || event.read.ready !== null };
    case 'reads-readied': {
      const ready = { index: event.index, round: event.round };
      const reads = leader.reads.map((read) => (read.ready ? read : { ...read, ready }));
      return { ...leader, reads, roundWanted: true };
    }
    case 'reads-answered':
      return { ...leader, reads: leader.reads.slice(event.count) };
    case 'change-requested':
      return { ...leader, changeRequest: event.id };
    case 'change-answered':
      return { ...leader, changeRequest: null };
    case 'transfer-begun':
      return { ...leader, transfer: event.transfer };
    case 'transfer-asked':
      invariant(leader.transfer !== null, 'nobody is to take over');
      return { ...leader, transfer: { ...leader.transfer, asked: true }, leaseVoid: true };
    case 'transfer-ended':
      return { ...leader, transfer: null, paused: [] };
    case 'proposal-paused':
      return { ...leader, paused: [...leader.paused, event.proposal] };
  }
}

function without(progress: Leader['progress'], peer: MemberId): Leader['progress'] {
  const rest = new Map(progress);
  rest.delete(peer);
  return rest;
}
