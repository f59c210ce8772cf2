import { quorumSize } from '../../src/index.ts';
import { ensure, type Property, sameEntry } from './property.ts';

/**
 * A leader commits an entry of its own term once a majority of the *disks* have it, and nothing by counting but such
 * entries (paper 5.4.2); everybody else only what a leader has committed before.
 */
export const commitOnDurableQuorum: Property = (cluster, history) => (occurrence) => {
  if (occurrence.kind !== 'decided' || occurrence.decision.state.commitIndex === occurrence.before.commitIndex) return;
  const { member, decision } = occurrence;
  const { commitIndex, role, term, membership } = decision.state;
  if (role.kind !== 'leader') {
    ensure(commitIndex <= history.commitIndex, `member ${member.id} commits entry ${commitIndex}, which no leader has committed`);
    return;
  }
  const entry = member.log.at(commitIndex);
  ensure(entry?.term === term, `the leader of term ${term} commits entry ${commitIndex} of term ${entry?.term} by counting`);
  const durable = membership.voters.filter((voter) => sameEntry(cluster.member(voter).disk.log.at(commitIndex), entry));
  ensure(
    durable.length >= quorumSize(membership),
    `entry ${commitIndex} is committed and on the disks of ${durable.join(', ') || 'nobody'} only`,
  );
};
