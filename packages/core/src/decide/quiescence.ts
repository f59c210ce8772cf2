import type { RaftConfig } from '../config.ts';
import type { MemberId } from '../entry.ts';
import type { Input } from '../input.ts';
import { isQuorum } from '../membership.ts';
import { leaderOf } from '../roles.ts';
import type { Step } from '../step.ts';
import { broadcastQuiesce } from './heartbeat.ts';

/**
 * A group with nothing to do may sleep: no heartbeats, no election timers. Its members rely on the transport instead, which
 * watches over hosts, not groups: a lost host wakes whoever slept in its trust. Anything that happens wakes a member, and its
 * first words wake the others.
 */
export function unquiesceFor(step: Step, input: Input): void {
  if (step.state.quiesced && wakes(step, input)) step.record({ kind: 'unquiesced', at: step.time.now });
}

function wakes({ state }: Step, input: Input): boolean {
  switch (input.kind) {
    case 'received':
    case 'proposed':
    case 'read-requested':
    case 'membership-requested':
    case 'transfer-requested':
      return true;
    case 'reachability-changed':
      return state.role.kind === 'leader' || (input.peer === state.leader && !input.reachable);
    case 'room-changed':
    case 'deadline-reached':
    case 'persisted':
    case 'append-sent':
    case 'snapshot-taken':
    case 'chunk-stored':
    case 'snapshot-restored':
    case 'snapshot-unreadable':
      return false;
  }
}

export function onReachabilityChanged(step: Step, peer: MemberId, reachable: boolean): void {
  if (reachable !== step.state.unreachable.includes(peer)) return;
  step.record(reachable ? { kind: 'host-found', peer } : { kind: 'host-lost', peer });
}

/** After how many idle heartbeat intervals a group sleeps; never, where the configuration says so. */
export function quiescesAfter({ quiesceAfterMs, heartbeatIntervalMs }: RaftConfig): number {
  return quiesceAfterMs === 0 ? Number.POSITIVE_INFINITY : Math.ceil(quiesceAfterMs / heartbeatIntervalMs);
}

/**
 * Whether there is nothing to do: everything is committed, and everybody who can be reached has it and knows. Whoever
 * cannot be reached may sleep through, as long as the others are a majority: it wakes the leader when it is back.
 */
export function isIdle({ state }: Step): boolean {
  const { log, commitIndex, persistedIndex, membership, unreachable, id } = state;
  const { progress, reads, transfer } = leaderOf(state);
  if (commitIndex < log.lastIndex || persistedIndex < log.lastIndex) return false;
  if (reads.length > 0 || transfer !== null || membership.pending !== null || membership.outgoing !== null) return false;
  const hasAll = (peer: MemberId) => {
    const known = progress.get(peer);
    return known !== undefined && known.matchIndex === log.lastIndex && known.toldCommit === commitIndex && known.mode === 'replicate';
  };
  const reachable = [...progress.keys()].filter((peer) => !unreachable.includes(peer));
  return reachable.every(hasAll) && isQuorum(membership, (member) => member === id || (reachable.includes(member) && hasAll(member)));
}

export function quiesce(step: Step): void {
  broadcastQuiesce(step);
  step.record({ kind: 'quiesced' });
}

/**
 * A follower goes to sleep with its leader if it, too, has nothing left to learn. Not if the leader's host is lost: that wakes
 * nobody again, and this is the leader's last word, which came late.
 */
export function followQuiesce(step: Step): void {
  const { log, commitIndex, persistedIndex, incoming, leader, unreachable } = step.state;
  if (leader === null || unreachable.includes(leader)) return;
  if (commitIndex === log.lastIndex && persistedIndex === log.lastIndex && incoming === null) step.record({ kind: 'quiesced' });
}
