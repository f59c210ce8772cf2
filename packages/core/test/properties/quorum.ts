import type { MemberId, Membership } from '../../src/index.ts';

/**
 * The majorities that decide, counted without the core's own rules: of the voters, and during joint consensus of those that
 * are being left, too (thesis 4.3).
 */
export function isDecidedBy({ members, outgoing }: Membership, has: (member: MemberId) => boolean): boolean {
  const voters = members.filter(({ voter }) => voter);
  return [voters, outgoing ?? voters].every((some) => 2 * some.filter(({ id }) => has(id)).length > some.length);
}

/** Whether every quorum of one membership has a member in common with every quorum of the other. */
export function overlap(a: Membership, b: Membership): boolean {
  const ids = [...new Set([a, b].flatMap(({ members, outgoing }) => [...members, ...(outgoing ?? [])]).map(({ id }) => id))];
  for (let picked = 0; picked < 2 ** ids.length; picked++) {
    const isPicked = (member: MemberId) => (picked & (1 << ids.indexOf(member))) !== 0;
    if (isDecidedBy(a, isPicked) && isDecidedBy(b, (member) => !isPicked(member))) return false;
  }
  return true;
}
