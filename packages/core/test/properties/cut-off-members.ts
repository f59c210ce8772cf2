import type { MemberId } from '../../src/index.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { awaitAgreement } from './liveness.ts';
import { ensure } from './property.ts';
import { isDecidedBy } from './quorum.ts';
import { runFor } from './settle.ts';

/**
 * Who comes back from a partition does not depose the leader of a healthy majority, whatever it did meanwhile (thesis 9.6,
 * 4.2.3); nor do those who are no members, or none any more, however long they call for elections (thesis 4.2.3).
 */
export function checkCutOffMember(cluster: Cluster, leader: MemberId, pick: number): void {
  const { membership, term } = cluster.stateOf(leader);
  const outsiders = [...cluster.members.keys()].filter((id) => id !== leader);
  const apart = outsiders[pick % Math.max(1, outsiders.length)];
  if (apart === undefined || !isDecidedBy(membership, (id) => id !== apart)) return;
  runFor(cluster, 4 * cluster.config.electionTimeoutMs, { apart });
  runFor(cluster, 3 * cluster.config.electionTimeoutMs);
  const after = awaitAgreement(cluster);
  const now = cluster.stateOf(after).term;
  ensure(
    after === leader && now === term,
    `member ${apart} was cut off and is back, and ${after} leads term ${now}, not ${leader} term ${term}`,
  );
}

/**
 * A leader that is cut off from the others ends its leadership by itself (thesis 6.2), the others go on, and are joined by it
 * when it is back.
 */
export function checkCutOffLeader(cluster: Cluster, leader: MemberId): void {
  const { membership, term } = cluster.stateOf(leader);
  if (isDecidedBy(membership, (id) => id === leader)) return;
  for (const { id } of cluster.members.values()) {
    if (id === leader) continue;
    cluster.input(id, { kind: 'reachability-changed', peer: leader, reachable: false });
    cluster.input(leader, { kind: 'reachability-changed', peer: id, reachable: false });
  }
  runFor(cluster, 3 * cluster.config.electionTimeoutMs, { apart: leader });
  ensure(cluster.stateOf(leader).role.kind !== 'leader', `member ${leader} leads term ${term} without a majority`);
  const canGoOn =
    isDecidedBy(membership, (id) => id !== leader) &&
    membership.members.some(({ id, voter, witness }) => id !== leader && voter && !witness);
  if (canGoOn) {
    runFor(cluster, 12 * cluster.config.electionTimeoutMs, { apart: leader });
    const others = [...cluster.members.keys()].filter((id) => id !== leader).map((id) => cluster.stateOf(id));
    ensure(
      others.some((state) => state.role.kind === 'leader' && state.term > term),
      `nobody takes over from member ${leader}, who is cut off`,
    );
  }
  for (const { id } of cluster.members.values()) {
    if (id === leader) continue;
    cluster.input(id, { kind: 'reachability-changed', peer: leader, reachable: true });
    cluster.input(leader, { kind: 'reachability-changed', peer: id, reachable: true });
  }
}
