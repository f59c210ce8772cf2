import { canRecover, isQuorum, isWitness, type MemberId, type Membership } from '../../src/index.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Member } from '../cluster/member.ts';

export function isAnyRecovering(cluster: Cluster): boolean {
  return [...cluster.members.values()].some(({ disk }) => disk.hardState.recovering);
}

/**
 * Whether a member may lose something: one at a time, and while all agree on a membership whose others can elect a leader. A
 * witness may know of entries that nobody else has, and refuse all others its vote for ever. Safety holds in any case, but somebody
 * must be able to lead in the end.
 */
export function mayForget(cluster: Cluster, member: Member): boolean {
  if (isAnyRecovering(cluster) || member.disk.hardState.term === 0) return false;
  const all = [...cluster.members.values()].flatMap(membershipsOf).filter(({ members }) => members.some(({ id }) => id === member.id));
  const newest = all.reduce<Membership | null>((a, b) => (a === null || b.highestId > a.highestId ? b : a), null);
  return newest !== null && all.every((membership) => isSettled(membership) && canDoWithout(membership, member.id));
}

/** Every membership that a member has anywhere, on its disk or on its way there. */
function membershipsOf({ disk, log, state }: Member): Membership[] {
  const placed = [...disk.log.memberships(), ...(state === null ? [] : log.memberships())];
  return placed.map(({ membership }) => membership);
}

function canDoWithout(membership: Membership, id: MemberId): boolean {
  const mayWin = (voter: MemberId) => voter !== id && !isWitness(membership, voter);
  return canRecover(membership, id) && (isWitness(membership, id) || isQuorum(membership, mayWin));
}

function isSettled({ outgoing, pending }: Membership): boolean {
  return outgoing === null && pending === null;
}

/** What is lost: entries, the vote, or both. The member goes down with it. */
export function forget(cluster: Cluster, { id, state, disk }: Member, pick: number): void {
  if (state !== null) cluster.crash(id);
  const { base, lastIndex } = disk.log;
  const kept = pick % 3 === 0 ? lastIndex : base.index + (pick % (lastIndex - base.index + 1));
  cluster.forget(id, kept, pick % 2 === 0);
}
