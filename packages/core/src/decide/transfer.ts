import type { TransferRefusal } from '../effect.ts';
import type { MemberId } from '../entry.ts';
import { leaderOf, progressOf } from '../roles.ts';
import type { Step } from '../step.ts';
import { advanceMembership } from './membership.ts';
import { resumeProposals } from './proposal.ts';

/** Hands leadership over (thesis 3.10): the target gets everything first, then calls an election without waiting. */
export function onTransferRequested(step: Step, id: number, target: MemberId): void {
  const refusal = refuse(step, target);
  if (refusal !== null) return step.effect({ kind: 'reject-transfer', id, reason: refusal });
  beginTransfer(step, id, target);
}

/** With the id of whoever asked for it, or null where it is this leader's own wish. */
export function beginTransfer(step: Step, id: number | null, target: MemberId): void {
  const deadline = step.time.now + step.state.config.electionTimeoutMs;
  step.record({ kind: 'transfer-begun', transfer: { id, target, deadline, asked: false } });
  handOver(step);
}

function refuse({ state }: Step, target: MemberId): TransferRefusal | null {
  if (state.role.kind !== 'leader') return 'not_leader';
  if (state.role.transfer !== null) return 'transfer_under_way';
  // One that is leaving will not be there to take over.
  const member = state.membership.members.find(({ id }) => id === target);
  const canLead = member?.voter === true && !member.witness && target !== state.id;
  return canLead && state.role.progress.has(target) ? null : 'invalid_target';
}

/** Called when a follower has caught up: the one that is to take over may begin once nothing is missing. */
export function handOver(step: Step): void {
  const { transfer } = leaderOf(step.state);
  if (transfer === null || transfer.asked) return;
  if (progressOf(step.state, transfer.target).matchIndex < step.state.log.lastIndex) return;
  step.send(transfer.target, { kind: 'timeout-now', term: step.state.term });
  step.record({ kind: 'transfer-asked' });
}

/** The target did not make it in time: this member goes on as if nobody had asked. */
export function abortTransfer(step: Step): void {
  const { transfer, paused } = leaderOf(step.state);
  if (transfer === null) return;
  step.record({ kind: 'transfer-ended' });
  if (transfer.id !== null) step.effect({ kind: 'reject-transfer', id: transfer.id, reason: 'transfer_timeout' });
  resumeProposals(step, paused);
  advanceMembership(step);
}
