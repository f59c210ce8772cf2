import type { MemberId, MemberInfo, Membership } from '@flotilla/core';

/**
 * Whether the members that `has` picks decide, counted without the core's own rules: a majority of the voters, and during joint
 * consensus one of those that are being left, too (thesis 4.3).
 */
export function isDecidedBy({ members, outgoing }: Membership, has: (member: MemberId) => boolean): boolean {
  return isMajority(members, has) && (outgoing === null || isMajority(outgoing, has));
}

function isMajority(members: readonly MemberInfo[], has: (member: MemberId) => boolean): boolean {
  let voters = 0;
  let having = 0;
  for (const { id, voter } of members) {
    if (!voter) continue;
    voters++;
    if (has(id)) having++;
  }
  return 2 * having > voters;
}

/** Whether every quorum of one membership has a member in common with every quorum of the other. Looks at all sets of members. */
export function overlap(a: Membership, b: Membership): boolean {
  const ids = [...new Set([a, b].flatMap(({ members, outgoing }) => [...members, ...(outgoing ?? [])]).map(({ id }) => id))];
  for (let picked = 0; picked < 2 ** ids.length; picked++) {
    const isPicked = (member: MemberId) => (picked & (1 << ids.indexOf(member))) !== 0;
    if (isDecidedBy(a, isPicked) && isDecidedBy(b, (member) => !isPicked(member))) return false;
  }
  return true;
}
