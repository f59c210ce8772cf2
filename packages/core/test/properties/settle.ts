import { deadline, type MemberId } from '../../src/index.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { type Member, runs } from '../cluster/member.ts';

export interface Troubles {
  /** A member whose disk does nothing. */
  readonly stalled?: MemberId;
  /** A member whose network does nothing: what it sends and should receive waits. */
  readonly apart?: MemberId;
}

/** Delivers in order, writes, stores and ends turns at once, `stepsMax` times at most. Returns how many steps there were to take. */
export function settle(cluster: Cluster, stepsMax: number, troubles: Troubles = {}): number {
  for (let steps = 0; steps < stepsMax; steps++) if (!settleStep(cluster, troubles)) return steps;
  return stepsMax;
}

function settleStep(cluster: Cluster, { stalled = 0, apart = 0 }: Troubles): boolean {
  const running = [...cluster.members.values()].filter(runs);
  for (const { id } of running) cluster.endTurn(id);
  const writer = running.find((member) => member.id !== stalled && hasWrite(member));
  if (writer !== undefined) {
    cluster.write(writer.id);
    cluster.acknowledgeWrite(writer.id);
    return true;
  }
  const storing = running.find(({ snapshotWork }) => snapshotWork.length > 0);
  if (storing !== undefined) return cluster.doSnapshotWork(storing.id);
  const waits = (id: MemberId) => id === apart || cluster.member(id).pausedAt !== null;
  const oldest = cluster.network.inFlight.find(({ from, to }) => from !== apart && !waits(to));
  if (oldest === undefined) return false;
  cluster.deliver(oldest);
  return true;
}

function hasWrite({ disk, finishedWrite }: Member): boolean {
  return disk.queue.length > 0 || finishedWrite !== null;
}

/** Wakes the running member whose deadline comes first. */
export function passTime(cluster: Cluster): void {
  const next = nextDue(cluster);
  if (next !== null) cluster.tick(next.id);
}

/** For `ms` everybody does what is due when it is due, with what troubles there are. */
export function runFor(cluster: Cluster, ms: number, troubles: Troubles = {}): void {
  const end = cluster.now + ms;
  for (let wakeUps = 0; wakeUps < ms; wakeUps++) {
    settle(cluster, stepsPerWakeUpMax, troubles);
    const next = nextDue(cluster);
    if (next === null || cluster.now + next.inMs > end) break;
    cluster.tick(next.id);
  }
  cluster.now = Math.max(cluster.now, end);
  settle(cluster, stepsPerWakeUpMax, troubles);
}

const stepsPerWakeUpMax = 300;

/** The running member whose deadline comes first, and in how many milliseconds of its clock; null where nobody has one. */
function nextDue(cluster: Cluster): { readonly id: MemberId; readonly inMs: number } | null {
  let next: ReturnType<typeof nextDue> = null;
  for (const member of cluster.members.values()) {
    if (member.state === null || !runs(member)) continue;
    const inMs = Math.max(0, deadline(member.state) - cluster.clock(member.id));
    if (inMs < (next?.inMs ?? Number.POSITIVE_INFINITY)) next = { id: member.id, inMs };
  }
  return next;
}
