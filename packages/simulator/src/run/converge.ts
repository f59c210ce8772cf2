import type { GroupStatus } from '@flotilla/runtime';
import type { SimCluster } from '../cluster/sim-cluster.ts';
import type { World } from '../engine/world.ts';
import type { Operator } from '../nemesis/operator.ts';
import { Violation } from '../watch/violation.ts';

/** How often it is looked whether everything has converged, in milliseconds. */
const lookEveryMs = 50;

/** What has to settle. */
export interface Unsettled {
  readonly world: World;
  readonly cluster: SimCluster;
  readonly operator: Pick<Operator, 'idle'>;
  /** Calls of clients that are under way. */
  readonly callsUnderWay: () => number;
}

/**
 * Lets time pass until the cluster has converged: everybody runs, follows one leader, votes, and has applied the same.
 * Throws a violation of `liveness` where that takes longer than `limitMs` once the faults have stopped.
 */
export async function converge(unsettled: Unsettled, limitMs: number): Promise<void> {
  const { world } = unsettled;
  const until = world.now + limitMs;
  for (;;) {
    const wanting = whatIsWanting(unsettled);
    if (wanting === null) return;
    if (world.now >= until) throw new Violation('liveness', `${Math.round(limitMs)} ms after the last fault ${wanting}`);
    await world.run(Math.min(until, world.now + lookEveryMs));
  }
}

function whatIsWanting({ cluster, operator, callsUnderWay }: Unsettled): string | null {
  for (const { member, condition, failure } of cluster.hosts) {
    if (condition !== 'up') return `member ${member} is ${condition}${failure instanceof Error ? `: ${failure.message}` : ''}`;
  }
  if (!operator.idle) return 'a member is still being replaced';
  if (callsUnderWay() > 0) return `${callsUnderWay()} calls of clients are still under way`;
  const statuses = cluster.hosts.map(({ group, witness }) => ({ status: group?.status() as GroupStatus, witness }));
  const [first] = statuses;
  return (
    statuses.map(({ status, witness }) => difference(status, witness, first?.status as GroupStatus)).find((each) => each !== null) ?? null
  );
}

function difference(status: GroupStatus, witness: boolean, first: GroupStatus): string | null {
  const { member, leader, standing, appliedIndex, commitIndex, lastIndex } = status;
  if (leader === null) return `member ${member} knows no leader`;
  if (leader !== first.leader) return `member ${member} follows member ${leader}, and member ${first.member} follows ${first.leader}`;
  if (standing !== (witness ? 'witness' : 'voter')) return `member ${member} does not vote: it is ${standing}`;
  if (status.recovering) return `member ${member} has not recovered what it had lost`;
  if (status.changeUnderWay) return `member ${member} knows of a change of membership that is not complete`;
  const hasApplied = witness || appliedIndex === commitIndex;
  if (!hasApplied || commitIndex !== lastIndex || lastIndex !== first.lastIndex) {
    return `member ${member} has applied ${appliedIndex}, committed ${commitIndex} and logged ${lastIndex}, while member ${first.member} logged ${first.lastIndex}`;
  }
  return null;
}
