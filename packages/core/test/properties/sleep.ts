import type { MemberId } from '../../src/index.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { checkService } from './liveness.ts';
import { ensure } from './property.ts';
import { restart } from './schedule.ts';
import { runFor } from './settle.ts';

/** A group with nothing to do sleeps where it may, stays asleep while nothing happens, and serves whoever wakes it. */
export function checkSleep(cluster: Cluster, leader: MemberId, nextId: () => number): void {
  const { quiesceAfterMs, electionTimeoutMs } = cluster.config;
  const { membership, term } = cluster.stateOf(leader);
  if (quiesceAfterMs === 0 || membership.members.length === 1) return;
  // Those who do not belong to the group would wake it now and then, to be ignored.
  const strangers = [...cluster.members.keys()].filter((id) => !membership.members.some((member) => member.id === id));
  for (const id of strangers) cluster.crash(id);
  runFor(cluster, quiesceAfterMs + 2 * electionTimeoutMs);
  for (const { id } of membership.members) ensure(cluster.stateOf(id).quiesced, `member ${id} is awake and has nothing to do`);
  runFor(cluster, 10 * electionTimeoutMs);
  ensure(cluster.stateOf(leader).quiesced && cluster.stateOf(leader).term === term, `the group of leader ${leader} woke up for nothing`);
  checkService(cluster, leader, nextId);
  for (const id of strangers) restart(cluster, id);
}
