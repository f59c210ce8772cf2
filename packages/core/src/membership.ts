import type { Index, MemberId } from './entry.ts';

/** Who belongs to a group. A voter counts for elections and for the commit index. */
export interface Membership {
  readonly voters: readonly MemberId[];
}

/** The smallest number of voters that is a majority. */
export function quorumSize(membership: Membership): number {
  return Math.floor(membership.voters.length / 2) + 1;
}

export function isVoter(membership: Membership, member: MemberId): boolean {
  return membership.voters.includes(member);
}

/** Whether the members that `has` picks include a majority of the voters. */
export function isQuorum(membership: Membership, has: (member: MemberId) => boolean): boolean {
  return membership.voters.filter(has).length >= quorumSize(membership);
}

/** The highest index that a majority of the voters has reached, `reached` telling each one's (paper 5.3, figure 2). */
export function quorumIndex(membership: Membership, reached: (member: MemberId) => Index): Index {
  const ascending = membership.voters.map(reached).sort((a, b) => a - b);
  return ascending[ascending.length - quorumSize(membership)] ?? 0;
}

/** The membership in one line: `voters 1,2,3 (quorum 2)`. */
export function describeMembership(membership: Membership): string {
  return `voters ${membership.voters.join(',')} (quorum ${quorumSize(membership)})`;
}
