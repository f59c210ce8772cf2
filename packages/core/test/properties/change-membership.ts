import type { MemberId, MembershipChange } from '../../src/index.ts';
import { type Cluster, memberInfo } from '../cluster/cluster.ts';

/** Asks for some change: somebody who is up joins, somebody leaves, one replaces another, a learner is promoted, a change is given up. */
export function changeMembership(cluster: Cluster, asked: MemberId, pick: number, id: number): void {
  const change = chooseChange(cluster, asked, pick);
  if (change !== null) cluster.input(asked, { kind: 'membership-requested', id, change });
}

function chooseChange(cluster: Cluster, asked: MemberId, pick: number): MembershipChange | null {
  const { membership } = cluster.stateOf(asked);
  const { members, pending, highestId } = membership;
  const some = Math.floor(pick / 8);
  const member = members[some % Math.max(1, members.length)];
  const spare = [...cluster.members.keys()].find((each) => each > highestId);
  const isWitness = spare === cluster.members.size;
  const { peerAddress, clientAddress } = memberInfo(spare ?? 0);
  const joins = (role: 'voter' | 'learner') =>
    spare === undefined ? [] : [{ id: spare, peerAddress, clientAddress, role: isWitness ? ('witness' as const) : role }];
  const remove = member === undefined ? [] : [member.id];
  switch (pick % 8) {
    case 0:
    case 1:
      return { add: joins('voter') };
    case 2:
      return { add: joins('learner') };
    case 3:
      return { remove };
    case 4:
      return { add: joins('voter'), remove };
    case 5:
      return { promote: remove };
    case 6:
      return { remove: [...(pending?.promote ?? [])] };
    default:
      return { promote: members.filter(({ voter }) => !voter).map((each) => each.id), remove };
  }
}
