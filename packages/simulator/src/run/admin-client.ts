import type { ClusterClient } from '@flotilla/client';
import type { AdminClient } from '../nemesis/operator.ts';

/** The operator's view of the production client. */
export function adminClient(client: ClusterClient): AdminClient {
  return {
    changeMembership: (change) => client.changeMembership(change),
    async members() {
      const { leader, member, members, changeUnderWay } = await client.members();
      // Only the leader's view counts: any other may be out of date.
      if (leader !== member) return null;
      return { ids: members.filter(({ leaving }) => !leaving).map(({ id }) => id), changing: changeUnderWay };
    },
  };
}
