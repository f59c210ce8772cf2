import type { HardState, MemberId } from './entry.ts';
import { isQuorum, isVoter, isWitness, type Membership, otherVoters } from './membership.ts';

/*
 * The status `recovering`: what a member does whose disk has lost something that others rely on.
 *
 * It may have forgotten entries that it acknowledged, and its vote; not the highest term in which it promised anything, which
 * is kept apart from the log. So:
 *
 *  1. It begins in a term in which it has promised nothing, durably, each time that it starts: `beginRecovering`.
 *  2. It neither votes, nor says that it would, nor stands for election, nor takes leadership over.
 *  3. It enters terms, takes entries and snapshots, acknowledges what its disk has, and answers heartbeats like anybody else.
 *  4. It leaves the status, durably, once its disk has an entry of its current term, and all before it, that is committed:
 *     `leaveRecovering`.
 *
 * Why nothing that is committed is lost. Say that the leader of term t commits an entry by the acknowledgements of a majority C,
 * at whatever time, also by one of this member from before the loss that arrives late. A later leader, of the first term T > t that
 * does not have the entry, was elected by a majority Q. Take a member of both. It acknowledged in t before it voted in T.
 *
 *  - It did not lose the entry in between: then it voted for a log at least as complete as its own, which has the entry
 *    (thesis 3.6.3).
 *  - It lost it, and had left the status when it voted (rule 2). It left it in a term U ≤ T, with an entry of the leader of U
 *    on its disk. Rule 1 makes U greater than t: in t it had acknowledged. If U < T, the leader of U has the entry, as T is the
 *    first that does not, and the member has what that leader had: again it voted for a log that has the entry. If U = T, it
 *    has an entry of the leader of T, who was elected without it.
 *
 * Without rule 1 the leader of t, still in office, would go on counting what the member has forgotten, commit by it, and the
 * member could leave the status by an older commit index of that very leader.
 *
 * Why nobody votes twice in a term. After the loss it votes in no term before the U in which it leaves, which is later than any in
 * which it had voted. In U its log ends with an entry of U, and whoever asks for votes in U has none.
 *
 * What else relies on a member's memory:
 *
 *  - Reads (thesis 6.4): who confirms a round of term T says that it has helped no later leader before. That hangs on the term
 *    alone, which is not lost: a recovering member may confirm.
 *  - Leases and stickiness (thesis 4.2.3, 6.4.1): it may have forgotten that it promised to help nobody else for an election
 *    timeout. It helps nobody, and that it leaves the status needs a leader whom others elected, when their promises were over.
 *  - Check-quorum: it counts only that the member lives and follows. Sleep: who follows to sleep has everything, and has left
 *    the status.
 *  - Its own leadership before the loss ended with its process: nobody counts itself in rule 1's new term.
 *
 * The price: a leader of an older term gives way when it hears of the new one. The others elect again, without this member, which
 * they must be able to: `canRecover`. Where more members have lost something at a time, nobody is elected rather than
 * something lost.
 *
 * Sources: Liskov and Cowling, Viewstamped Replication Revisited (2012), 4.3, where a recovering replica takes no part until it
 * has the state of a view that began after its failure; Alagappan et al., Protocol-Aware Recovery for Consensus-Based Storage
 * (FAST 2018), where what is damaged is restored from the others, and never cut off as if it had not been promised.
 */

/** What a recovering member has to make durable before it takes part; null for one that has lost nothing. */
export function beginRecovering({ term, recovering }: HardState): HardState | null {
  return recovering ? { term: term + 1, vote: null, recovering } : null;
}

/** Whether the others can elect a leader without a member: otherwise it would wait for ever for one from whom to recover. */
export function canRecover(membership: Membership, id: MemberId): boolean {
  if (!isVoter(membership, id)) return true;
  return isQuorum(membership, (voter) => voter !== id) && otherVoters(membership, id).some((voter) => !isWitness(membership, voter));
}
