import type { Index, MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import type { LeaderEvent } from '../event.ts';
import { peersOf } from '../membership.ts';
import type { Leader, Progress } from '../role.ts';
import { leaderOf } from '../roles.ts';
import type { RaftState } from '../state.ts';
import { type Draft, draftOfLeader } from './draft.ts';

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

export function evolveLeader(next: Draft<RaftState>, event: LeaderEvent): void {
  const leader = draftOfLeader(leaderOf(next));
  changeLeader(leader, next, event);
  next.role = leader;
}

function changeLeader(leader: Draft<Leader>, state: RaftState, event: LeaderEvent): void {
  switch (event.kind) {
    case 'peer-joined':
      leader.progress = new Map(leader.progress).set(event.peer, freshProgress(state, event.at));
      return;
    case 'peer-left':
      leader.progress = without(leader.progress, event.peer);
      return;
    case 'heartbeats-sent': {
      const { round, at, nextDeadline, idleIntervals } = event;
      leader.round = round;
      leader.recentRounds = [...leader.recentRounds.slice(1 - recentRoundsMax), { round, sentAt: at }];
      leader.heartbeatDeadline = nextDeadline;
      leader.idleIntervals = idleIntervals;
      leader.roundWanted = false;
      return;
    }
    case 'read-registered':
      leader.reads = [...leader.reads, event.read];
      leader.roundWanted ||= event.read.ready !== null;
      return;
    case 'reads-readied': {
      const ready = { index: event.index, round: event.round };
      leader.reads = leader.reads.map((read) => (read.ready ? read : { ...read, ready }));
      leader.roundWanted = true;
      return;
    }
    case 'reads-answered':
      leader.reads = leader.reads.slice(event.count);
      return;
    case 'change-requested':
      leader.changeRequest = event.id;
      return;
    case 'change-answered':
      leader.changeRequest = null;
      return;
    case 'transfer-begun':
      leader.transfer = event.transfer;
      return;
    case 'transfer-asked':
      invariant(leader.transfer !== null, 'nobody is to take over');
      leader.transfer = { ...leader.transfer, asked: true };
      leader.leaseVoid = true;
      return;
    case 'transfer-ended':
      leader.transfer = null;
      leader.paused = [];
      return;
    case 'proposal-paused':
      leader.paused = [...leader.paused, event.proposal];
      return;
  }
}

function without(progress: Leader['progress'], peer: MemberId): Leader['progress'] {
  const rest = new Map(progress);
  rest.delete(peer);
  return rest;
}
