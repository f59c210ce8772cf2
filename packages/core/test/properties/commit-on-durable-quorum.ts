import type { Entry, MemberId } from '../../src/index.ts';
import type { Cluster, Occurrence } from '../cluster/cluster.ts';
import type { History } from './history.ts';
import { ensure, type Property, sameEntry } from './property.ts';
import { isDecidedBy } from './quorum.ts';

/**
 * A leader commits an entry of its own term once a quorum of the *disks* have it, and nothing by counting but such entries
 * (paper 5.4.2); the quorum is that of the newest membership in its log (thesis 4.1), in which it may have no vote itself.
 * Everybody else commits only what a leader has committed before.
 */
export const commitOnDurableQuorum: Property = (cluster, history) => {
  const forgotten = new Map<MemberId, Set<string>>();
  return (occurrence) => {
    if (occurrence.kind === 'forgot') note(forgotten, occurrence.member.id, occurrence.entries);
    check(cluster, history, forgotten, occurrence);
  };
};

function note(forgotten: Map<MemberId, Set<string>>, id: MemberId, entries: readonly Entry[]): void {
  const known = forgotten.get(id) ?? new Set();
  for (const { index, term } of entries) known.add(`${index}@${term}`);
  forgotten.set(id, known);
}

function check(cluster: Cluster, history: History, forgotten: ReadonlyMap<MemberId, Set<string>>, occurrence: Occurrence): void {
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
    // An acknowledgement from before a loss still counts: who forgot helps nobody to lead who does not have the entry.
    const had = forgotten.get(voter)?.has(`${commitIndex}@${entry.term}`);
    return had || disk.log.base.index >= commitIndex || sameEntry(disk.log.at(commitIndex), entry);
  };
  ensure(isDecidedBy(before.membership, has), `entry ${commitIndex} is committed and not on the disks of a quorum`);
}
