import type { Index, MemberId } from './entry.ts';

/** A member as the replicated membership knows it. Addresses pass through consensus untouched. */
export interface MemberInfo {
  readonly id: MemberId;
  /** Where the other members reach it: `host:port`. */
  readonly peerAddress: string;
  /** Where clients reach it: `host:port`. */
  readonly clientAddress: string;
  /** Counts for elections and for the commit index. One that does not is a learner: it is sent everything and decides nothing. */
  readonly voter: boolean;
  /** Keeps terms, votes and the shape of the log, but no payloads: it breaks ties cheaply, and never leads. */
  readonly witness: boolean;
  /** Members of the highest priority call elections first; the others let pass one timeout for each priority above theirs. */
  readonly priority: number;
}

/** Who belongs to a group. An entry of the log; each member uses the newest one in its log, committed or not (thesis 4.1). */
export interface Membership {
  /** Ascending by id. */
  readonly members: readonly MemberInfo[];
  /**
   * During joint consensus the voters of the membership that is being left: every decision needs a majority of those, too
   * (thesis 4.3).
   */
  readonly outgoing: readonly MemberInfo[] | null;
  /** A change that waits until these learners have caught up; then it happens in one step of joint consensus. */
  readonly pending: PendingChange | null;
  /** The highest id that any member ever had. No id is given twice: a replaced machine must not vote for its successor. */
  readonly highestId: MemberId;
}

export interface PendingChange {
  /** Learners, or witnesses, that become voters. */
  readonly promote: readonly MemberId[];
  /** Members that leave at the same moment. */
  readonly remove: readonly MemberId[];
}

/** A membership and the entry that holds it; index 0 is what the group was founded with. */
export interface PlacedMembership {
  readonly index: Index;
  readonly membership: Membership;
}

/** Nobody: what a member knows that waits to be added. */
export const emptyMembership: Membership = { members: [], outgoing: null, pending: null, highestId: 0 };

/** The membership that a group is founded with. */
export function foundingMembership(members: readonly MemberInfo[]): Membership {
  const ascending = [...members].sort((a, b) => a.id - b.id);
  return { members: ascending, outgoing: null, pending: null, highestId: ascending.at(-1)?.id ?? 0 };
}

/** The smallest number of these voters that is a majority. */
export function majoritySize(voters: readonly unknown[]): number {
  return Math.floor(voters.length / 2) + 1;
}

/**
 * Whether the voters that keep payloads are a majority by themselves. If they are not, then witnesses may commit what nobody has
 * who could lead, or have more of the log than whoever could lead, and refuse it their votes for ever.
 */
export function keepsData({ members }: Membership): boolean {
  const voters = members.filter(({ voter }) => voter);
  return voters.filter(({ witness }) => !witness).length >= majoritySize(voters);
}

/** A member of the membership, or of the one that is being left. */
export function findMember({ members, outgoing }: Membership, id: MemberId): MemberInfo | undefined {
  return withId(members, id) ?? (outgoing === null ? undefined : withId(outgoing, id));
}

function withId(members: readonly MemberInfo[], id: MemberId): MemberInfo | undefined {
  for (const member of members) if (member.id === id) return member;
  return undefined;
}

/** Whether the member's vote counts, in the membership or in the one that is being left. */
export function isVoter({ members, outgoing }: Membership, id: MemberId): boolean {
  return withId(members, id)?.voter === true || (outgoing !== null && withId(outgoing, id) !== undefined);
}

export function isWitness(membership: Membership, id: MemberId): boolean {
  return findMember(membership, id)?.witness === true;
}

/** Whether it once was a member and is none any more: nothing that it says counts. */
export function wasRemoved(membership: Membership, id: MemberId): boolean {
  return id <= membership.highestId && findMember(membership, id) === undefined;
}

/** Everybody but `self` whom a leader keeps up to date, ascending by id. */
export function peersOf(membership: Membership, self: MemberId): readonly MemberId[] {
  const ids = new Set([...membership.members, ...(membership.outgoing ?? [])].map(({ id }) => id));
  ids.delete(self);
  return [...ids].sort((a, b) => a - b);
}

/** Everybody but `self` whose vote counts, ascending by id. */
export function otherVoters(membership: Membership, self: MemberId): readonly MemberId[] {
  return peersOf(membership, self).filter((id) => isVoter(membership, id));
}

/** Whether the members that `has` picks include a majority of the voters; of both memberships during joint consensus. */
export function isQuorum(membership: Membership, has: (member: MemberId) => boolean): boolean {
  return quorumValue(membership, (member) => (has(member) ? 1 : 0)) === 1;
}

/**
 * The highest value that a majority of the voters has reached, `reached` telling each one's (paper 5.3, figure 2); during
 * joint consensus, that both majorities have reached.
 */
export function quorumValue({ members, outgoing }: Membership, reached: (member: MemberId) => number): number {
  const value = majorityValue(members, reached);
  return outgoing === null ? value : Math.min(value, majorityValue(outgoing, reached));
}

/** Asked with every acknowledgement: so each value is put in its place as it comes, which for a few voters is the fastest way to sort. */
function majorityValue(members: readonly MemberInfo[], reached: (member: MemberId) => number): number {
  const ascending: number[] = [];
  for (const { id, voter } of members) {
    if (!voter) continue;
    const value = reached(id);
    let at = ascending.push(value) - 1;
    for (; at > 0 && (ascending[at - 1] as number) > value; at--) ascending[at] = ascending[at - 1] as number;
    ascending[at] = value;
  }
  return ascending[ascending.length - majoritySize(ascending)] ?? 0;
}

/** How many elections a member lets pass to those of higher priority: one for each priority above its own. */
export function electionRank(membership: Membership, id: MemberId): number {
  const own = findMember(membership, id)?.priority ?? 0;
  const electable = membership.members.filter(({ voter, witness }) => voter && !witness);
  return new Set(electable.map(({ priority }) => priority).filter((priority) => priority > own)).size;
}

/** The membership in one line: `voters 1,2,3 (leaving 1,2) learners 4 witnesses 5 (waits for 4)`. */
export function describeMembership({ members, outgoing, pending }: Membership): string {
  const ids = (some: readonly MemberInfo[]) => some.map(({ id }) => id).join(',') || 'none';
  const parts = [`voters ${ids(members.filter(({ voter, witness }) => voter && !witness))}`];
  const learners = members.filter(({ voter, witness }) => !voter && !witness);
  const witnesses = members.filter(({ witness }) => witness);
  if (witnesses.length > 0) parts.push(`witnesses ${ids(witnesses)}`);
  if (learners.length > 0) parts.push(`learners ${ids(learners)}`);
  if (outgoing !== null) parts.push(`leaving voters ${ids(outgoing)}`);
  if (pending !== null) parts.push(`(${pending.promote.join(',')} to be promoted, ${pending.remove.join(',') || 'nobody'} to be removed)`);
  return parts.join(' ');
}
