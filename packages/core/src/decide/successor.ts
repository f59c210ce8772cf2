import type { MemberId } from '../entry.ts';
import { findMember, isVoter, peersOf } from '../membership.ts';
import { leaderOf, progressOf } from '../roles.ts';
import type { Step } from '../step.ts';

/** Of those who could lead, and whom the leader sends to, the one that has the most; null where there is nobody. */
export function bestSuccessor({ state }: Step): MemberId | null {
  const { membership, id } = state;
  const { progress } = leaderOf(state);
  return peersOf(membership, id)
    .filter((peer) => progress.has(peer) && isVoter(membership, peer) && !findMember(membership, peer)?.witness)
    .reduce<MemberId | null>(
      (best, peer) => (best !== null && progressOf(state, best).matchIndex >= progressOf(state, peer).matchIndex ? best : peer),
      null,
    );
}
