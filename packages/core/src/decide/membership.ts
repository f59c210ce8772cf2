import type { MemberId } from '../entry.ts';
import { findMember, isVoter, type Membership, peersOf } from '../membership.ts';
import { completePending, leaveJoint, type MembershipChange, type MembershipRefusal, planChange } from '../membership-change.ts';
import { encodeMembership } from '../membership-codec.ts';
import type { CatchUp } from '../role.ts';
import { leaderOf, progressOf } from '../roles.ts';
import { isSettled } from '../state.ts';
import type { Step } from '../step.ts';
import { broadcastHeartbeat } from './heartbeat.ts';
import { appendEntries } from './log-entries.ts';
import { replicateToAll } from './replication.ts';
import { leaveOffice } from './step-down.ts';
import { bestSuccessor } from './successor.ts';

/**
 * A change of membership goes through the log (thesis 4):
 *
 * ```
 * requested ─► learners catch up ─► joint consensus ─► new majority alone ─► done
 *              (only where somebody   (only where the
 *               is to vote)            voters change)
 * ```
 *
 * Each arrow is an entry. Whoever leads when one is committed appends the next, so that a change survives its leader.
 */
export function onMembershipRequested(step: Step, id: number, change: MembershipChange): void {
  const planned = plan(step, change);
  if (typeof planned === 'string') return step.effect({ kind: 'reject-membership', id, reason: planned });
  appendMembership(step, planned);
  step.record({ kind: 'change-requested', id });
}

function plan({ state }: Step, change: MembershipChange): Membership | MembershipRefusal {
  const { role, commitIndex, membership } = state;
  if (role.kind !== 'leader') return 'not_leader';
  // Before its own term has committed something, a leader does not know which membership is (the bug of 2015 in single-server
  // changes).
  if (commitIndex < role.openingIndex) return 'leader_not_ready';
  if (role.transfer !== null) return 'transfer_under_way';
  if (state.storageFull) return 'storage_full';
  if (!isSettled(state)) return 'change_under_way';
  return planChange(membership, change);
}

/** The new membership counts from the moment it is in the log. Whoever leaves is kept up to date until it is committed. */
function appendMembership(step: Step, membership: Membership): void {
  appendEntries(step, 'membership', [encodeMembership(membership)]);
  const { progress } = leaderOf(step.state);
  const joining = peersOf(membership, step.state.id).filter((peer) => !progress.has(peer));
  for (const peer of joining) step.record({ kind: 'peer-joined', peer, at: step.time.now });
  if (joining.length > 0) broadcastHeartbeat(step);
  replicateToAll(step);
}

/**
 * Called when the commit index has moved, or a transfer was given up: what is the next step of the change that is under way?
 * During a transfer the log must end somewhere, or the target would be behind and not win: who leads then takes the step.
 */
export function advanceMembership(step: Step): void {
  const { memberships, commitIndex, membership } = step.state;
  const { transfer, openingIndex } = leaderOf(step.state);
  if (commitIndex < openingIndex || !isSettled(step.state)) return;
  if (membership.outgoing !== null) return transfer === null ? appendMembership(step, leaveJoint(membership)) : undefined;
  dropLeavers(step);
  const { changeRequest } = leaderOf(step.state);
  if (changeRequest !== null) {
    step.record({ kind: 'change-answered' });
    step.effect({ kind: 'accept-membership', id: changeRequest, index: memberships.at(-1)?.index ?? 0, membership });
  }
  if (!isVoter(membership, step.state.id)) return handToTheBest(step);
  promoteCaughtUp(step);
}

/**
 * Whoever has left is kept up to date until it knows that: then it says so, and disturbs nobody. Or until it does not answer.
 */
export function dropLeavers(step: Step): void {
  const { membership, memberships, config } = step.state;
  const since = step.time.now - config.electionTimeoutMs;
  for (const [peer, { toldCommit, activeAt }] of leaderOf(step.state).progress) {
    const knows = toldCommit >= (memberships.at(-1)?.index ?? 0);
    if (findMember(membership, peer) === undefined && (knows || activeAt <= since)) step.record({ kind: 'peer-left', peer });
  }
}

/** A leader that was removed has done its last duty (thesis 4.2.2). The best of the others need not wait for a timeout. */
function handToTheBest(step: Step): void {
  const best = bestSuccessor(step);
  if (best !== null) step.send(best, { kind: 'timeout-now', term: step.state.term });
  leaveOffice(step);
}

/** Called when a peer has acknowledged something: a learner that is waited for completes its rounds (thesis 4.2.1). */
export function followCatchUp(step: Step, peer: MemberId): void {
  const { membership, log, config } = step.state;
  const { matchIndex, catchUp } = progressOf(step.state, peer);
  if (!membership.pending?.promote.includes(peer) || catchUp?.done) return;
  const { now } = step.time;
  const current: CatchUp = catchUp ?? { round: 1, targetIndex: log.lastIndex, startedAt: now, done: false };
  const complete = matchIndex >= current.targetIndex;
  // Where nothing is left, the next round has nothing to replicate, and nobody would say that it is over.
  const done = complete && (now - current.startedAt < config.electionTimeoutMs || matchIndex === log.lastIndex);
  const next = { round: current.round + 1, targetIndex: log.lastIndex, startedAt: now, done: false };
  if (done) step.record({ kind: 'peer-caught-up', peer, catchUp: { ...current, done } });
  else if (complete) step.record({ kind: 'peer-caught-up', peer, catchUp: next });
  else if (catchUp === null) step.record({ kind: 'peer-caught-up', peer, catchUp: current });
  if (done) promoteCaughtUp(step);
}

/** All learners that are waited for vote from now on, in one step, once the last of them has caught up. */
function promoteCaughtUp(step: Step): void {
  const { membership, commitIndex } = step.state;
  const { progress, transfer, openingIndex } = leaderOf(step.state);
  if (membership.pending === null || transfer !== null) return;
  if (commitIndex < openingIndex || !isSettled(step.state)) return;
  if (membership.pending.promote.every((peer) => progress.get(peer)?.catchUp?.done)) appendMembership(step, completePending(membership));
}
