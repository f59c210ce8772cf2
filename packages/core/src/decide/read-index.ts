import type { MemberId } from '../entry.ts';
import { isQuorum, quorumValue } from '../membership.ts';
import type { ReadAnswer, ReadIndex, ReadIndexReply } from '../message.ts';
import { leaderOf } from '../roles.ts';
import type { Step } from '../step.ts';

/** Who asked for a read: a follower, or with null this member itself. */
type Reader = MemberId | null;

/**
 * Linearizable reads without a log entry (thesis 6.4): remember the commit index when the read arrives, have a majority
 * confirm *afterwards* that this member still leads, then serve the read once that index is applied.
 */
export function onReadRequested(step: Step, id: number, lease: boolean): void {
  const { role, leader } = step.state;
  if (role.kind === 'leader') register(step, id, null, lease ? leaseUntil(step) : null);
  else if (leader !== null) step.send(leader, { kind: 'read-index', id });
  else answerRead(step, id, null, { reason: 'no_leader' });
}

/** A follower asks on behalf of its own readers. */
export function onReadIndex(step: Step, from: MemberId, { id }: ReadIndex): void {
  if (step.state.role.kind === 'leader') register(step, id, from, null);
  else answerRead(step, id, from, { reason: 'leadership_lost' });
}

export function onReadIndexReply(step: Step, { id, answer }: ReadIndexReply): void {
  answerRead(step, id, null, answer);
}

/** The round that confirms the read goes out at the end of the turn: all reads of a turn share it. */
function register(step: Step, id: number, from: Reader, lease: number | null): void {
  const { commitIndex, config } = step.state;
  const { reads, openingIndex, round } = leaderOf(step.state);
  if (reads.length >= config.pendingReadsMax) return answerRead(step, id, from, { reason: 'overloaded' });
  // Until the opening entry is committed, this leader does not know how far its predecessors committed (etcd#7331).
  const knowsCommit = commitIndex >= openingIndex;
  if (knowsCommit && lease !== null) return answerRead(step, id, from, { index: commitIndex }, lease);
  if (knowsCommit && isConfirmed(step, Number.POSITIVE_INFINITY)) return answerRead(step, id, from, { index: commitIndex });
  step.record({ kind: 'read-registered', read: { id, from, ready: knowsCommit ? { index: commitIndex, round: round + 1 } : null } });
}

/**
 * Until when (monotonic ms) nobody else can lead, or null where that is not known (thesis 6.4.1): so long a majority helps no
 * other leader.
 */
function leaseUntil({ state, time }: Step): number | null {
  const { progress, transfer, leaseVoid } = leaderOf(state);
  if (transfer !== null || leaseVoid) return null;
  const until = quorumValue(state.membership, (member) =>
    member === state.id ? Number.POSITIVE_INFINITY : (progress.get(member)?.loyalUntil ?? Number.NEGATIVE_INFINITY),
  );
  return time.now < until ? until : null;
}

/** Called when the commit index moves: reads that waited for the opening entry get their index and a round. */
export function readyReads(step: Step): void {
  const { commitIndex } = step.state;
  const { reads, openingIndex, round } = leaderOf(step.state);
  if (commitIndex < openingIndex || !reads.some(({ ready }) => ready === null)) return;
  step.record({ kind: 'reads-readied', index: commitIndex, round: round + 1 });
}

/** Answers the reads whose round a majority has confirmed. Rounds never decrease along the list, so a prefix is done. */
export function answerConfirmedReads(step: Step): void {
  let count = 0;
  for (const { id, from, ready } of leaderOf(step.state).reads) {
    if (ready === null || !isConfirmed(step, ready.round)) break;
    answerRead(step, id, from, { index: ready.index });
    count++;
  }
  if (count > 0) step.record({ kind: 'reads-answered', count });
}

function isConfirmed({ state }: Step, round: number): boolean {
  const { progress } = leaderOf(state);
  return isQuorum(state.membership, (member) => member === state.id || (progress.get(member)?.confirmedRound ?? 0) >= round);
}

/** A leader that steps down tells everybody who waits for a read, instead of letting them time out (restate#2950). */
export function abandonReads(step: Step): void {
  for (const { id, from } of leaderOf(step.state).reads) answerRead(step, id, from, { reason: 'leadership_lost' });
}

function answerRead(step: Step, id: number, to: Reader, answer: ReadAnswer, leaseUntil: number | null = null): void {
  if (to !== null) step.send(to, { kind: 'read-index-reply', id, answer });
  else if ('index' in answer) step.effect({ kind: 'answer-read', id, index: answer.index, leaseUntil });
  else step.effect({ kind: 'reject-read', id, reason: answer.reason });
}
