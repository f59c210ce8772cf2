import { ensure, type Property, sameEntry } from './property.ts';
import { isDecidedBy } from './quorum.ts';

/**
 * A leader commits an entry of its own term once a quorum of the *disks* have it, and nothing by counting but such entries
 * (paper 5.4.2); the quorum is that of the newest membership in its log (thesis 4.1), in which it may have no vote itself.
 * Everybody else commits only what a leader has committed before.
 */
export const commitOnDurableQuorum: Property = (cluster, history) => (occurrence) => {
  if (occurrence.kind !== 'decided' || occurrence.decision.state.commitIndex === occurrence.before.commitIndex) return;
  const { member, decision, before } = occurrence;
  const { commitIndex, term } = decision.state;
  if (before.role.kind !== 'leader' || commitIndex <= history.commitIndex) {
    ensure(commitIndex <= history.commitIndex, `member ${member.id} commits entry ${commitIndex}, which no leader has committed`);
    return;
  }
  const entry = member.log.at(commitIndex);
  ensure(entry?.term === term, `the leader of term ${term} commits entry ${commitIndex} of term ${entry?.term} by counting`);
  const has = (voter: number) => {
    const { disk } = cluster.member(voter);
    return disk.log.base.index >= commitIndex || sameEntry(disk.log.at(commitIndex), entry);
  };
  ensure(isDecidedBy(before.membership, has), `entry ${commitIndex} is committed and not on the disks of a quorum`);
};
