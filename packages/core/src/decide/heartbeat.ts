import type { Index, MemberId } from '../entry.ts';
import type { Heartbeat } from '../message.ts';
import { leaderOf, progressOf } from '../roles.ts';
import type { Step } from '../step.ts';

/** Asserts this leadership to everybody, as a new round that the followers confirm (paper 5.2; thesis 6.4). */
export function broadcastHeartbeat(step: Step): void {
  const { round, progress } = beginRound(step, 0);
  for (const peer of progress.keys()) sendHeartbeat(step, peer, { round });
}

/**
 * The regular heartbeat: whoever was sent entries within the last interval knows that this leader lives. But it has to have
 * shown by an acknowledgement that it lives itself: where its disk is slow, only the answer to a heartbeat does.
 */
export function keepAlive(step: Step, idleIntervals: number): void {
  const since = step.time.now - step.state.config.heartbeatIntervalMs;
  const { round, progress } = beginRound(step, idleIntervals);
  for (const [peer, { sentAt, activeAt }] of progress) if (Math.min(sentAt, activeAt) <= since) sendHeartbeat(step, peer, { round });
}

/** The last heartbeat before the group sleeps. */
export function broadcastQuiesce(step: Step): void {
  for (const peer of leaderOf(step.state).progress.keys()) sendHeartbeat(step, peer, { quiesce: true });
}

function beginRound(step: Step, idleIntervals: number) {
  const { progress, round } = leaderOf(step.state);
  const alone = progress.size === 0;
  const nextDeadline = alone ? Number.POSITIVE_INFINITY : step.time.now + step.state.config.heartbeatIntervalMs;
  step.record({ kind: 'heartbeats-sent', round: round + 1, at: step.time.now, nextDeadline, idleIntervals });
  return leaderOf(step.state);
}

/** Tells the commit index to everybody to whom it is news, and expects no answer. */
export function tellCommit(step: Step): void {
  for (const peer of leaderOf(step.state).progress.keys()) tellCommitTo(step, peer);
}

export function tellCommitTo(step: Step, peer: MemberId): void {
  if (commitFor(step, peer) > progressOf(step.state, peer).toldCommit) sendHeartbeat(step, peer, {});
}

/** Whatever the follower knows once this message arrives need not be told again. Lost messages are made up for by rounds. */
export function noteTold(step: Step, peer: MemberId, commitIndex: Index): void {
  if (commitIndex > progressOf(step.state, peer).toldCommit) step.record({ kind: 'commit-told', peer, commitIndex });
}

function sendHeartbeat(step: Step, peer: MemberId, { round = 0, quiesce = false }: Partial<Pick<Heartbeat, 'round' | 'quiesce'>>): void {
  const commit = commitFor(step, peer);
  step.send(peer, { kind: 'heartbeat', term: step.state.term, commit, round, quiesce });
  noteTold(step, peer, commit);
}

/** A follower's log may differ from this one behind what it has acknowledged. */
function commitFor(step: Step, peer: MemberId): Index {
  return Math.min(step.state.commitIndex, progressOf(step.state, peer).matchIndex);
}
