import type { MemberId } from '../../src/index.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { ensure } from './property.ts';
import { passTime, settle } from './schedule.ts';

const stepsMax = 3000;
const wakeUpsMax = 60;

/**
 * Once faults stop, a leader is found, logs become equal, and a new proposal and a read at every member get through,
 * all within a bounded number of messages, writes and wake-ups (paper 5.6, "availability").
 */
export function checkLiveness(cluster: Cluster, nextId: () => number): void {
  for (const { id, state } of cluster.members.values()) if (state === null) cluster.start(id);
  runUntil(cluster, 'agree on a leader and a log', () => agreed(cluster) !== null);

  const leader = agreed(cluster);
  ensure(leader !== null, 'no leader');
  const last = cluster.stateOf(leader).log.lastIndex;
  const followers = [...cluster.members.keys()].filter((id) => id !== leader);
  cluster.input(followers[0] ?? leader, { kind: 'proposed', id: nextId(), payloads: [new Uint8Array([255])] });
  runUntil(cluster, 'commit a new proposal everywhere', () =>
    [...cluster.members.values()].every(({ appliedIndex }) => appliedIndex > last),
  );

  // One heartbeat confirms the reads whose own rounds were lost, and so makes room for new ones.
  cluster.tick(leader);
  settle(cluster, stepsMax);
  const open = new Set<number>();
  cluster.observers.push((occurrence) => {
    if (occurrence.kind === 'effect' && occurrence.effect.kind === 'answer-read') open.delete(occurrence.effect.id);
  });
  for (const id of cluster.members.keys()) {
    const read = nextId();
    open.add(read);
    cluster.input(id, { kind: 'read-requested', id: read });
    ensure(settle(cluster, stepsMax) < stepsMax, 'messages never end');
  }
  ensure(open.size === 0, `reads ${[...open].join(', ')} are not answered`);
}

function runUntil(cluster: Cluster, goal: string, reached: () => boolean): void {
  let steps = 0;
  for (let wakeUps = 0; wakeUps <= wakeUpsMax; wakeUps++) {
    steps += settle(cluster, stepsMax - steps);
    ensure(steps < stepsMax, `${stepsMax} messages and writes were not enough to ${goal}`);
    if (reached()) return;
    passTime(cluster);
  }
  throw new Error(`${wakeUpsMax} wake-ups were not enough to ${goal}`);
}

/** The one leader that everybody follows, if all logs equal its own and are committed and applied to their ends. */
function agreed(cluster: Cluster): MemberId | null {
  const ids = [...cluster.members.keys()];
  const leader = ids.find((id) => cluster.stateOf(id).role.kind === 'leader');
  if (leader === undefined) return null;
  const { log, term } = cluster.stateOf(leader);
  const agree = ids.every((id) => {
    const state = cluster.stateOf(id);
    return state.term === term && state.leader === leader && state.log.lastIndex === log.lastIndex && state.applyIndex === log.lastIndex;
  });
  return agree ? leader : null;
}
