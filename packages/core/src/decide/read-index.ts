import type { MemberId } from '../entry.ts';
import { isQuorum } from '../membership.ts';
import type { ReadIndex, ReadIndexReply } from '../message.ts';
import type { PendingRead } from '../state.ts';
import type { Step } from '../step.ts';
import { broadcastHeartbeat } from './heartbeat.ts';

/**
 * Linearizable reads without a log entry (thesis 6.4): remember the commit index when the read arrives, have a majority
 * confirm *afterwards* that this member still leads, then serve the read once that index is applied.
 */
export function onReadRequested(step: Step, id: number): void {
  const { role, leader } = step.state;
  if (role.kind === 'leader') register(step, id, null);
  else if (leader !== null) step.send(leader, { kind: 'read-index', id });
  else step.effect({ kind: 'reject-read', id, reason: 'no_leader' });
}

/** A follower asks on behalf of its own readers. */
export function onReadIndex(step: Step, from: MemberId, { id }: ReadIndex): void {
  if (step.state.role.kind === 'leader') register(step, id, from);
  else step.send(from, { kind: 'read-index-reply', id, index: null });
}

export function onReadIndexReply(step: Step, { id, index }: ReadIndexReply): void {
  if (index === null) step.effect({ kind: 'reject-read', id, reason: 'leadership_lost' });
  else step.effect({ kind: 'answer-read', id, index });
}

function register(step: Step, id: number, from: MemberId | null): void {
  const { role, commitIndex, config } = step.state;
  if (role.kind !== 'leader') return;
  if (role.reads.length >= config.pendingReadsMax) {
    if (from === null) step.effect({ kind: 'reject-read', id, reason: 'overloaded' });
    else step.send(from, { kind: 'read-index-reply', id, index: null });
    return;
  }
  // Until the opening entry is committed, this leader does not know how far its predecessors committed (etcd#7331).
  const knowsCommit = commitIndex >= role.openingIndex;
  step.record({ kind: 'read-registered', read: { id, from, ready: knowsCommit ? { index: commitIndex, round: role.round + 1 } : null } });
  if (!knowsCommit) return;
  broadcastHeartbeat(step);
  answerConfirmedReads(step);
}

/** Called when the commit index moves: reads that waited for the opening entry get their index and a round. */
export function readyReads(step: Step): void {
  const { role, commitIndex } = step.state;
  if (role.kind !== 'leader' || commitIndex < role.openingIndex || !role.reads.some((read) => read.ready === null)) return;
  step.record({ kind: 'reads-readied', index: commitIndex, round: role.round + 1 });
  broadcastHeartbeat(step);
}

/** Answers the reads whose round a majority has confirmed. Rounds never decrease along the list, so a prefix is done. */
export function answerConfirmedReads(step: Step): void {
  const { role, membership, id } = step.state;
  if (role.kind !== 'leader') return;
  const confirmed = (round: number) =>
    isQuorum(membership, (member) => member === id || (role.progress.get(member)?.confirmedRound ?? 0) >= round);
  const firstOpen = role.reads.findIndex((read) => read.ready === null || !confirmed(read.ready.round));
  const count = firstOpen === -1 ? role.reads.length : firstOpen;
  if (count === 0) return;
  for (const read of role.reads.slice(0, count)) answer(step, read);
  step.record({ kind: 'reads-answered', count });
}

function answer(step: Step, { id, from, ready }: PendingRead): void {
  if (ready === null) return;
  if (from === null) step.effect({ kind: 'answer-read', id, index: ready.index });
  else step.send(from, { kind: 'read-index-reply', id, index: ready.index });
}

/** A leader that steps down tells everybody who waits for a read, instead of letting them time out (restate#2950). */
export function abandonReads(step: Step): void {
  const { role } = step.state;
  if (role.kind !== 'leader') return;
  for (const { id, from } of role.reads) {
    if (from === null) step.effect({ kind: 'reject-read', id, reason: 'leadership_lost' });
    else step.send(from, { kind: 'read-index-reply', id, index: null });
  }
}
