import { isFlotillaError, type MemberId, type MembershipRefusal, type TransferRefusal } from '@flotilla/core';
import { type GroupStatus, isRuntimeError } from '@flotilla/runtime';
import { HttpError } from './http-error.ts';

type Refusal = MembershipRefusal | TransferRefusal;

interface Explanation {
  readonly status: number;
  readonly message: string;
  readonly hint: string;
  /** More for the `error` object. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** The status of each refusal by itself, wherever it comes from. */
export const refusalStatus: { readonly [Code in Refusal]: number } = {
  not_leader: 421,
  leader_not_ready: 503,
  change_under_way: 409,
  transfer_under_way: 503,
  leadership_lost: 503,
  nothing_to_change: 400,
  member_id_used: 409,
  member_id_invalid: 400,
  address_in_use: 409,
  unknown_member: 404,
  not_a_learner: 409,
  no_voter_left: 409,
  storage_full: 507,
  invalid_target: 409,
  transfer_timeout: 409,
};

/** What each refusal means here and now, and what its reader can do. */
const explanations: { readonly [Code in Refusal]: (status: GroupStatus) => Omit<Explanation, 'status'> } = {
  not_leader: notLeader,
  leader_not_ready: () => ({ message: 'the leader has committed nothing in its term yet', hint: 'Try again shortly.' }),
  change_under_way: changeUnderWay,
  transfer_under_way: ({ transferTo }) => ({
    message: `leadership is being transferred${transferTo === null ? '' : ` to member ${transferTo}`}`,
    hint: 'Try again shortly: it takes an election timeout at most.',
  }),
  leadership_lost: () => ({
    message: 'the leader changed while the call was under way',
    hint: 'It may still happen: look at GET /v1/members before you try again.',
  }),
  nothing_to_change: () => ({ message: 'the change changes nothing', hint: 'Name somebody to add, to remove or to promote.' }),
  member_id_used: () => ({
    message: 'the member number is, or once was, that of another member',
    hint: 'Leave the number out, and the next free one is given; a number is never given twice.',
  }),
  member_id_invalid: ({ members }) => ({
    message: 'that is no number for a new member',
    hint: `Leave the number out and the next free one is given, or choose one not far above those in use: ${listed(members)}.`,
  }),
  address_in_use: ({ members }) => ({
    message: 'another member has that address',
    hint: `Give the new member addresses of its own, or remove the old one first. The members: ${listed(members)}.`,
  }),
  unknown_member: ({ members }) => ({ message: 'there is no such member', hint: `The members: ${listed(members)}.` }),
  not_a_learner: ({ members }) => ({
    message: 'only a learner, or a witness that does not vote yet, can be promoted, and only one that stays',
    hint: `Learners: ${listed(members.filter(({ role }) => role === 'learner'))}.`,
  }),
  no_voter_left: () => ({
    message: 'the voters that are no witnesses would be no majority',
    hint: 'Keep, add or promote more voters that are no witnesses: only they have the data.',
  }),
  invalid_target: ({ member, members }) => ({
    message: 'the member cannot lead',
    hint: `Name another voter that is no witness: ${listed(members.filter(({ id, role, leaving }) => id !== member && role === 'voter' && !leaving))}.`,
  }),
  storage_full: () => ({ message: 'the disk of the leader is full', hint: 'Make room on it, or make another member the leader.' }),
  transfer_timeout: () => ({
    message: 'the target did not take over within an election timeout, so the leader goes on',
    hint: 'Look at GET /v1/members whether the target is reachable and has caught up, then try again.',
  }),
};

/** A refused change of membership or transfer as an error that says what to do. Every other error stays what it is. */
export function explainRefusal(error: unknown, status: GroupStatus): unknown {
  if (!isFlotillaError(error) || !isRefusal(error.code)) return error;
  const { message, hint, extra } = explanations[error.code](status);
  const outcome = isRuntimeError(error) ? error.outcome : 'not-applied';
  const statusCode = refusalStatus[error.code];
  const headers: Record<string, string> = statusCode === 503 ? { 'retry-after': '1' } : {};
  return new HttpError(statusCode, error.code, message, hint, { cause: error, headers, extra: { outcome, ...extra } });
}

/** The 421 of a member that does not lead: it names who does. */
export function notLeaderError(status: GroupStatus): HttpError {
  const { message, hint, extra = {} } = notLeader(status);
  return new HttpError(refusalStatus.not_leader, 'not_leader', message, hint, { extra: { outcome: 'not-applied', ...extra } });
}

function notLeader({ member, leader, members }: GroupStatus): Omit<Explanation, 'status'> {
  // Who just lost the leadership may still hold itself for the leader.
  const known = members.find(({ id }) => id === leader && id !== member);
  if (known === undefined) {
    return { message: `member ${member} is not the leader and knows none`, hint: 'Try again shortly.', extra: { leader: null } };
  }
  const { id, clientAddress } = known;
  return {
    message: `member ${member} is not the leader`,
    hint: `Ask member ${id} at ${clientAddress}.`,
    extra: { leader: { id, clientAddress } },
  };
}

function changeUnderWay({ pendingChange }: GroupStatus): Omit<Explanation, 'status'> {
  if (pendingChange === null) return { message: 'another change is being committed', hint: 'Try again shortly.' };
  const { promote } = pendingChange;
  return {
    message: `another change waits until ${numbered(promote)} caught up`,
    hint: `Wait for that, or remove ${promote.join(', ')} and nobody else, which cancels it.`,
    extra: { pendingChange },
  };
}

function numbered(ids: readonly MemberId[]): string {
  return ids.length === 1 ? `member ${ids[0]} has` : `members ${ids.join(', ')} have`;
}

function listed(members: GroupStatus['members']): string {
  return members.map(({ id, role, peerAddress }) => `${id} (${role}, ${peerAddress})`).join(', ') || 'none';
}

function isRefusal(code: string): code is Refusal {
  return Object.hasOwn(refusalStatus, code);
}
