import type { MemberId } from '@flotilla/core';
import type { Peers } from './transport.ts';

/** What somebody is to a host: a peer that it connects to, a guest that it only answers, or one that is to stay away. */
export type Standing = 'peer' | 'guest' | 'removed';

/** What a host knows before it is told: everybody may be a member. */
export const noPeers: Peers = { addresses: new Map(), highestId: 0 };

/** The rule by which an implementation of the port decides whom to let in; see {@link Peers}. */
export function standingOf({ addresses, highestId }: Peers, member: MemberId): Standing {
  if (addresses.has(member)) return 'peer';
  return member <= highestId ? 'removed' : 'guest';
}
