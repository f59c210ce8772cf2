import type { Plan } from '../plan/plan.ts';
import type { RunReport } from '../run/run-report.ts';

/** What a plan amounts to, as names and values for people. */
export function planSummary(plan: Plan): readonly (readonly [name: string, value: string])[] {
  const { network, disk, workload } = plan;
  const unreliable = (['loss', 'duplicate', 'reorder'] as const).filter((name) => network[name] > 0);
  const left = workload.until === null ? 'all calls' : `calls before number ${workload.until}`;
  return [
    ['seed', String(plan.seed)],
    [
      'cluster',
      `${counted(plan.members, 'member')}${plan.witnesses > 0 ? ` (witnesses: ${plan.witnesses})` : ''}, ${counted(plan.builds.length, 'build')}, turns of ${plan.turnMs} ms`,
    ],
    ['time', `${plan.durationMs} ms of faults and calls, then at most ${plan.convergenceMs} ms to converge`],
    [
      'calls',
      `${workload.ratePerSecond}/s of ${counted(workload.clients, 'client')} in bursts of ${workload.burst}, each given ${workload.timeoutMs} ms, ${sessions(plan)}; ` +
        `${left}${workload.without.length > 0 ? ` but for ${workload.without.length}` : ''}`,
    ],
    [
      'network',
      `${network.delayMs} ms and ${network.jitterMs} ms more on average${unreliable.map((name) => `, ${name} ${network[name]}`).join('')}` +
        `${network.throughCodec ? ', through the wire format' : ''}`,
    ],
    ['disks', `${disk.writeMs} ms a write, ${disk.syncMs} ms a sync`],
    ['comparisons of states', plan.stateComparisonMs > 0 ? `every ${plan.stateComparisonMs} ms` : 'none'],
    ['raft', settings(plan.raft)],
    ['limits', settings(plan.limits)],
    ['faults', faultCounts(plan)],
  ];
}

/** What came of a run, as names and values for people. */
export function outcomeSummary({
  machine,
  simulatedMs,
  events,
  calls,
  linearizability,
  traceHash,
}: RunReport): readonly (readonly [name: string, value: string])[] {
  return [
    ['machine', `${machine.name}, version ${machine.version}`],
    ['simulated', `${milliseconds(simulatedMs)} ms, ${counted(events, 'event')}`],
    ['answers', `${calls.ok} ok, ${calls.failed} failed, ${calls.unknown} unknown`],
    ['linearizability', `${linearizability.verdict}, ${counted(linearizability.operations, 'operation')}`],
    ['trace', traceHash],
  ];
}

/** Simulated milliseconds to the microsecond, which is what a trace tells apart. */
export function milliseconds(atMs: number): string {
  return atMs.toFixed(3);
}

function sessions({ workload: { sessionTtlMs } }: Plan): string {
  return sessionTtlMs === null ? 'without sessions' : `in sessions of ${sessionTtlMs} ms`;
}

function faultCounts({ faults }: Plan): string {
  const counts = new Map<string, number>();
  for (const { kind } of faults) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}`)).join(', ') || 'none';
}

function settings(values: object): string {
  const set = Object.entries(values).map(([name, value]) => `${name} ${String(value)}`);
  return set.join(', ') || 'as by default';
}

/** `1 member`, `3 members`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
