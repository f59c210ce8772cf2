import type { MemberId } from '../entry.ts';
import { invariant } from '../errors.ts';
import type { Progress } from '../state.ts';
import type { Step } from '../step.ts';

/** Asserts this leadership to everybody, as a new round that the followers confirm (paper 5.2; thesis 6.4). */
export function broadcastHeartbeat(step: Step): void {
  const { role, config } = step.state;
  invariant(role.kind === 'leader', 'only a leader sends heartbeats');
  const alone = role.progress.size === 0;
  const nextDeadline = alone ? Number.POSITIVE_INFINITY : step.time.now + config.heartbeatIntervalMs;
  step.record({ kind: 'heartbeats-sent', round: role.round + 1, nextDeadline });
  sendHeartbeats(step, role.round + 1);
}

/** Tells everybody the commit index and expects no answer. */
export function tellCommit(step: Step): void {
  sendHeartbeats(step, 0);
}

/** Tells one follower, whose acknowledgement came after everybody was told. */
export function tellCommitTo(step: Step, peer: MemberId, progress: Progress): void {
  sendHeartbeat(step, peer, progress, 0);
}

function sendHeartbeats(step: Step, round: number): void {
  const { role } = step.state;
  if (role.kind !== 'leader') return;
  for (const [peer, progress] of role.progress) sendHeartbeat(step, peer, progress, round);
}

function sendHeartbeat(step: Step, peer: MemberId, { matchIndex }: Progress, round: number): void {
  const { term, commitIndex } = step.state;
  // A follower's log may differ from this one behind what it has acknowledged.
  step.send(peer, { kind: 'heartbeat', term, commit: Math.min(commitIndex, matchIndex), round });
}
