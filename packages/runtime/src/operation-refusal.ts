import type { MembershipRefusal, TransferRefusal } from '@flotilla/core';
import { storageFullHint } from './rejection.ts';
import { RuntimeError } from './runtime-error.ts';

type Refusal = MembershipRefusal | TransferRefusal;

/** What each refusal means, and what to do. */
const texts: { readonly [K in Refusal]: readonly [message: string, hint: string] } = {
  not_leader: ['this member does not lead', 'Ask the leader: the status of any member names it.'],
  leader_not_ready: ['the leader has just been elected and does not know yet what is committed', 'Try again shortly.'],
  change_under_way: [
    'another change of membership is under way',
    'Wait until it is complete; while it waits for learners to catch up, removing all of those cancels it.',
  ],
  transfer_under_way: ['leadership is being transferred', 'Try again shortly, on the new leader.'],
  leadership_lost: [
    'the leader changed while the change was under way',
    'It may still happen: look at the membership before you try again.',
  ],
  nothing_to_change: ['the change names nobody', 'Say whom to add, remove or promote.'],
  member_id_used: [
    'that number is, or once was, a member\u2019s',
    'Leave the number out and the next free one is taken: a replaced machine must not vote under its old number.',
  ],
  member_id_invalid: ['that is no number for a new member', 'Leave the number out and the next free one is taken.'],
  address_in_use: ['another member has that address', 'Remove that member first, or correct the address.'],
  unknown_member: ['there is no such member', 'Look at the list of members.'],
  not_a_learner: ['only a learner that stays can be promoted', 'Look at the list of members: it may be a voter already.'],
  no_voter_left: ['the voters that keep data would be no majority', 'Keep or add more voters that are no witnesses.'],
  storage_full: ['the disk of the leader is full', storageFullHint],
  invalid_target: ['that member cannot take over', 'Choose a voter that is no witness and not the leader itself.'],
  transfer_timeout: [
    'the member did not take over within an election timeout, and the leader goes on',
    'Look whether it is up and has caught up, then try again.',
  ],
};

/** The error for an operation that was turned away. */
export function refusal(reason: Refusal): RuntimeError {
  const [message, hint] = texts[reason];
  return new RuntimeError(reason, reason === 'leadership_lost' ? 'unknown' : 'not-applied', message, hint);
}
