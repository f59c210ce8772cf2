import { type MemberId, memberIdMax } from './entry.ts';
import { findMember, keepsData, type MemberInfo, type Membership } from './membership.ts';

/** Somebody who is to become a member. */
export interface NewMember {
  /** One that no member ever had; the next one where absent. */
  readonly id?: MemberId;
  readonly peerAddress: string;
  readonly clientAddress: string;
  /** A voter, or witness, first joins as a learner, and is promoted once it has caught up. */
  readonly role: 'voter' | 'learner' | 'witness';
  /** Default 0; see {@link MemberInfo.priority}. */
  readonly priority?: number;
}

/** A change of membership. All of it takes effect in one step, as soon as everybody who is to vote has caught up. */
export interface MembershipChange {
  readonly add?: readonly NewMember[];
  readonly remove?: readonly MemberId[];
  /** Learners that become voters. */
  readonly promote?: readonly MemberId[];
}

/**
 * `not_leader`: only the leader changes the membership. `leader_not_ready`: it has committed nothing in its term yet.
 * `change_under_way`, `transfer_under_way`: one at a time. `leadership_lost`: it may still happen. `nothing_to_change`.
 * `member_id_used`: it is, or once was, somebody's. `member_id_invalid`: no whole number, or so high that too few would be left. `address_in_use`: another member has it. `unknown_member`.
 * `not_a_learner`. `no_voter_left`: the voters that are no witnesses would not be a majority. `storage_full`: the leader has no room for another entry.
 */
export type MembershipRefusal =
  | 'not_leader'
  | 'leader_not_ready'
  | 'change_under_way'
  | 'transfer_under_way'
  | 'leadership_lost'
  | 'nothing_to_change'
  | 'member_id_used'
  | 'member_id_invalid'
  | 'address_in_use'
  | 'unknown_member'
  | 'not_a_learner'
  | 'no_voter_left'
  | 'storage_full';

/** How many numbers a change may leave out: numbers are not given twice, so they must not be used up by a slip. */
const idsSkippedMax = 1_000_000;

/** The membership that a change begins with, or why there is none. */
export function planChange(current: Membership, change: MembershipChange): Membership | MembershipRefusal {
  const { add = [], remove = [], promote = [] } = change;
  if (add.length + remove.length + promote.length === 0) return 'nothing_to_change';
  if (current.outgoing !== null) return 'change_under_way';
  if (current.pending !== null) return cancelPending(current, change) ?? 'change_under_way';
  if (remove.some((id) => findMember(current, id) === undefined)) return 'unknown_member';
  const added = numberMembers(current, add);
  if (typeof added === 'string') return added;
  const members = [...current.members, ...added].sort((a, b) => a.id - b.id);
  const next: Membership = { ...current, members, highestId: Math.max(current.highestId, ...added.map(({ id }) => id)) };
  const newVoters = added.filter((_, i) => add[i]?.role !== 'learner').map(({ id }) => id);
  for (const id of promote) {
    const member = findMember(next, id);
    if (member === undefined) return 'unknown_member';
    if (member.voter || newVoters.includes(id) || remove.includes(id)) return 'not_a_learner';
  }
  const promoted = [...new Set([...promote, ...newVoters])];
  const complete = enter(next, promoted, remove);
  if (!keepsData(complete)) return 'no_voter_left';
  return promoted.length === 0 ? complete : { ...next, pending: { promote: promoted, remove: [...new Set(remove)] } };
}

/** The membership in which the learners that were waited for vote. */
export function completePending(current: Membership): Membership {
  const { promote = [], remove = [] } = current.pending ?? {};
  return enter({ ...current, pending: null }, promote, remove);
}

/** The membership after joint consensus (thesis 4.3): its own majority suffices from here on. */
export function leaveJoint(current: Membership): Membership {
  return { ...current, outgoing: null };
}

/** Enters joint consensus where the set of voters changes; where it does not, one majority is like the other. */
function enter(current: Membership, promote: readonly MemberId[], remove: readonly MemberId[]): Membership {
  const members = current.members
    .filter(({ id }) => !remove.includes(id))
    .map((member) => (promote.includes(member.id) ? { ...member, voter: true } : member));
  const voters = (some: readonly MemberInfo[]) => some.filter(({ voter }) => voter);
  const before = voters(current.members);
  const changed =
    voters(members)
      .map(({ id }) => id)
      .join() !== before.map(({ id }) => id).join();
  return { ...current, members, outgoing: changed ? before : null };
}

/** While learners are waited for, only giving up on them is possible: by removing every one of them, and nobody else. */
function cancelPending(current: Membership, { add = [], remove = [], promote = [] }: MembershipChange): Membership | null {
  const waiting = current.pending?.promote ?? [];
  const cancels =
    add.length === 0 && promote.length === 0 && waiting.every((id) => remove.includes(id)) && remove.length === waiting.length;
  return cancels ? { ...enter(current, [], remove), pending: null } : null;
}

function numberMembers(current: Membership, add: readonly NewMember[]): readonly MemberInfo[] | MembershipRefusal {
  const added: MemberInfo[] = [];
  let highestId = current.highestId;
  for (const { id = highestId + 1, peerAddress, clientAddress, role, priority = 0 } of add) {
    if (!Number.isSafeInteger(id) || id < 1 || id > Math.min(memberIdMax, current.highestId + idsSkippedMax)) return 'member_id_invalid';
    if (id <= current.highestId || added.some((other) => other.id === id)) return 'member_id_used';
    const sameAddress = (other: MemberInfo) => other.peerAddress === peerAddress || other.clientAddress === clientAddress;
    if (peerAddress === clientAddress || current.members.some(sameAddress) || added.some(sameAddress)) return 'address_in_use';
    added.push({ id, peerAddress, clientAddress, voter: false, witness: role === 'witness', priority });
    highestId = Math.max(highestId, id);
  }
  return added;
}
