import { committedMembership, findMember, isSettled, type MemberInfo, type RaftState } from '@flotilla/core';
import type { GroupStatus, MemberStatus, Standing } from './group.ts';
import { type FailedOutcome, RuntimeError } from './runtime-error.ts';

/** What a member is to its group, as far as it knows. */
export function standingOf(state: RaftState): Standing {
  const info = findMember(state.membership, state.id) ?? findMember(committedMembership(state), state.id);
  if (info !== undefined) return memberRole(info);
  return state.membership.highestId >= state.id ? 'removed' : 'joining';
}

export function memberRole({ voter, witness }: MemberInfo): MemberStatus['role'] {
  if (witness) return 'witness';
  return voter ? 'voter' : 'learner';
}

/** Whether another change of membership would be refused just now. */
export function isChanging(state: RaftState): boolean {
  const { pending, outgoing } = state.membership;
  return pending !== null || outgoing !== null || !isSettled(state);
}

/** Whether this member is on its way out: the newest membership has it only in the one that is being left. */
export function isLeaving({ id, membership }: RaftState): boolean {
  return !membership.members.some((member) => member.id === id) && (membership.outgoing?.some((member) => member.id === id) ?? false);
}

/**
 * Why this member takes no more commands, or null. One that is leaving will not hear of what comes after its removal, so it
 * could not tell the outcome.
 */
export function commandUnfitness(state: RaftState, standing: Standing): RuntimeError | null {
  if (!isLeaving(state)) return unfitness(standing);
  return new RuntimeError('member_removed', 'not-applied', 'this member is being removed from its group', 'Use another member.');
}

/** Why this member cannot serve calls, or null. */
export function unfitness(standing: Standing): RuntimeError | null {
  switch (standing) {
    case 'voter':
    case 'learner':
      return null;
    case 'witness':
      return new RuntimeError('member_is_witness', 'not-applied', 'this member is a witness and keeps no state', 'Use another member.');
    case 'diverged':
      return stateDiverged('not-applied');
    case 'founding':
      return new RuntimeError(
        'not_a_member',
        'not-applied',
        'this member waits until all founders of its group have met',
        'Start them all. Should this member have lost its data, remove it and add it afresh under a new number.',
      );
    case 'joining':
      return new RuntimeError(
        'not_a_member',
        'not-applied',
        'this member waits to be added to its group',
        'Add it, or use another member.',
      );
    case 'removed':
      return new RuntimeError(
        'member_removed',
        'not-applied',
        'this member was removed from its group',
        'Use another member. To bring this machine back, empty its directory and add it under a new number.',
      );
  }
}

/** The state of this member was found to be another than the majority's. */
export function stateDiverged(outcome: FailedOutcome): RuntimeError {
  return new RuntimeError(
    'state_diverged',
    outcome,
    'the state of this member was found to differ from that of the majority, and it has not agreed since',
    'Use another member. This one serves again after a comparison in which it agrees; otherwise replace it, see docs/operations.md.',
  );
}

/** Everybody whom the membership names, and what this member, if it leads, knows of them at `now` (monotonic ms). */
export function memberStatuses(state: RaftState, now: number): GroupStatus['members'] {
  const { members, outgoing } = state.membership;
  const leaving = (outgoing ?? []).filter(({ id }) => !members.some((member) => member.id === id));
  const ascending = [...members, ...leaving].sort((a, b) => a.id - b.id);
  return ascending.map((info) => ({
    id: info.id,
    peerAddress: info.peerAddress,
    clientAddress: info.clientAddress,
    role: memberRole(info),
    priority: info.priority,
    leaving: leaving.includes(info),
    progress: progressStatus(state, info.id, now),
  }));
}

function progressStatus({ role }: RaftState, id: number, now: number): MemberStatus['progress'] {
  const progress = role.kind === 'leader' ? role.progress.get(id) : undefined;
  if (progress === undefined) return null;
  const { matchIndex, mode, activeAt, catchUp } = progress;
  return { matchIndex, mode, silentMs: Math.max(0, Math.round(now - activeAt)), catchUp };
}
