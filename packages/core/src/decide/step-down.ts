import type { Term } from '../entry.ts';
import type { Step } from '../step.ts';
import { restartElectionTimer } from './election-timer.ts';
import { abandonProposals } from './proposal.ts';
import { abandonReads } from './read-index.ts';

/** Enters a later term as a follower (paper 5.1). */
export function enterTerm(step: Step, term: Term): void {
  endLeadership(step, true);
  step.record({ kind: 'term-advanced', term });
  if (step.state.role.kind !== 'follower') becomeFollower(step);
}

/** Gives leadership up within its term: this member cannot do what a leader must (thesis 6.2). Nobody else leads that term. */
export function resign(step: Step): void {
  endLeadership(step, false);
  becomeFollower(step);
}

/** The last step of a leader that was removed. Whoever it was to hand over to, if anybody, was told to take over. */
export function leaveOffice(step: Step): void {
  endLeadership(step, true);
  becomeFollower(step);
}

function becomeFollower(step: Step): void {
  step.record({ kind: 'became-follower' });
  restartElectionTimer(step);
}

/** Tells everybody who waits for this leader, instead of letting them time out. `forAnother`: somebody else leads, or is about to. */
function endLeadership(step: Step, forAnother: boolean): void {
  const { role } = step.state;
  if (role.kind !== 'leader') return;
  abandonReads(step);
  abandonProposals(step);
  if (role.changeRequest !== null) step.effect({ kind: 'reject-membership', id: role.changeRequest, reason: 'leadership_lost' });
  if (role.transfer === null || role.transfer.id === null) return;
  const { id, asked } = role.transfer;
  step.effect(asked && forAnother ? { kind: 'accept-transfer', id } : { kind: 'reject-transfer', id, reason: 'not_leader' });
}
