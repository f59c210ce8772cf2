import { describeMembership, describeState, isVoter, type MemberId } from '../../src/index.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { ensure } from './property.ts';
import { restart } from './schedule.ts';
import { passTime, settle } from './settle.ts';

const stepsMax = 20_000;
const wakeUpsMax = 600;

/**
 * Once faults stop, a leader is found, changes of membership that are under way come to their end, everybody who then belongs to
 * the group has the whole log, if need be by a snapshot, and new proposals and reads get through, all within a bounded number of
 * messages, writes and wake-ups (paper 5.6, "availability").
 */
export function checkLiveness(cluster: Cluster, nextId: () => number): MemberId {
  endFaults(cluster);
  const leader = awaitAgreement(cluster);
  checkService(cluster, leader, nextId);
  return leader;
}

/** Everybody runs, and everybody's transport knows it; there is room on the disks. */
function endFaults(cluster: Cluster): void {
  for (const { id, state } of cluster.members.values()) {
    cluster.resume(id);
    if (state === null) restart(cluster, id);
  }
  for (const id of cluster.members.keys()) {
    cluster.input(id, { kind: 'room-changed', exhausted: false });
    for (const peer of cluster.stateOf(id).unreachable) cluster.input(id, { kind: 'reachability-changed', peer, reachable: true });
  }
}

/** Returns the leader whom everybody follows in the end. */
export function awaitAgreement(cluster: Cluster): MemberId {
  runUntil(cluster, 'agree on a leader, a membership and a log', () => agreed(cluster) !== null);
  const leader = agreed(cluster);
  ensure(leader !== null, 'no leader');
  return leader;
}

/** A proposal from somebody, and a read of both kinds at everybody who has a state to read, get through. */
export function checkService(cluster: Cluster, leader: MemberId, nextId: () => number): void {
  const members = cluster.stateOf(leader).membership.members;
  const follower = members.find(({ id }) => id !== leader)?.id ?? leader;
  const last = cluster.stateOf(leader).log.lastIndex;
  cluster.input(follower, { kind: 'proposed', id: nextId(), payloads: [new Uint8Array([255])] });
  runUntil(cluster, 'commit a new proposal everywhere', () =>
    members.every(({ id }) => cluster.stateOf(id).log.lastIndex > last && agreedBy(cluster, leader, id)),
  );
  // One heartbeat confirms the reads whose own rounds were lost, and so makes room for new ones.
  cluster.tick(leader);
  settle(cluster, stepsMax);
  const open = new Set<number>();
  cluster.observers.push((occurrence) => {
    if (occurrence.kind === 'effect' && occurrence.effect.kind === 'answer-read') open.delete(occurrence.effect.id);
  });
  for (const { id, witness } of members) {
    for (const lease of witness ? [] : [true, false]) {
      const read = nextId();
      open.add(read);
      cluster.input(id, { kind: 'read-requested', id: read, lease });
      ensure(settle(cluster, stepsMax) < stepsMax, 'messages never end');
    }
  }
  ensure(open.size === 0, `reads ${[...open].join(', ')} are not answered`);
}

export function runUntil(cluster: Cluster, goal: string, reached: () => boolean): void {
  let steps = 0;
  for (let wakeUps = 0; wakeUps <= wakeUpsMax; wakeUps++) {
    steps += settle(cluster, stepsMax - steps);
    ensure(steps < stepsMax, `${stepsMax} messages and writes were not enough to ${goal}`);
    if (reached()) return;
    passTime(cluster);
  }
  const states = [...cluster.members.keys()].map((id) => cluster.stateOf(id));
  const described = states.map((state) => `${state.id}: ${describeState(state)}, ${describeMembership(state.membership)}`);
  throw new Error(`${wakeUpsMax} wake-ups were not enough to ${goal}\n${described.join('\n')}`);
}

/** The leader with whom all members agree, if no change of membership is under way. */
export function agreed(cluster: Cluster): MemberId | null {
  for (const id of cluster.members.keys()) {
    const { role, membership } = cluster.stateOf(id);
    const settled = membership.outgoing === null && membership.pending === null && isVoter(membership, id);
    if (role.kind === 'leader' && settled && membership.members.every((member) => agreedBy(cluster, id, member.id))) return id;
  }
  return null;
}

/** Whether a member follows this leader, and has its log, committed and applied to its end. */
function agreedBy(cluster: Cluster, leader: MemberId, id: MemberId): boolean {
  const { log, term } = cluster.stateOf(leader);
  const state = cluster.stateOf(id);
  const hasAll = state.log.lastIndex === log.lastIndex && state.applyIndex === log.lastIndex;
  return state.term === term && state.leader === leader && hasAll;
}
