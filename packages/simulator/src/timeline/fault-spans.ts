import type { RunReport } from '../run/run-report.ts';
import type { TimelineLine } from './timeline-line.ts';

/** A fault and how long it lasted. */
export interface FaultSpan {
  readonly line: TimelineLine;
  /** Simulated milliseconds; that of the beginning for a fault of one moment. */
  readonly endMs: number;
}

/**
 * The faults of a run with how long they lasted: each until the line that says that it is over, or the end of a run that ended
 * before. Both lines begin with the kind of the fault; of several of one kind on one host, the first is over first.
 */
export function faultSpans({ timeline, plan, simulatedMs }: RunReport): readonly FaultSpan[] {
  const cutShort = new Set(
    plan.faults
      .filter((fault) => 'forMs' in fault && simulatedMs <= Math.min(plan.durationMs, fault.at + fault.forMs))
      .map(({ kind, at }) => `${kind} ${at}`),
  );
  const spans: { line: TimelineLine; endMs: number }[] = [];
  const open = new Map<string, { endMs: number }[]>();
  for (const line of timeline) {
    if (line.kind !== 'fault' && line.kind !== 'healed') continue;
    const name = faultName(line);
    const key = `${line.slot} ${name}`;
    if (line.kind === 'healed') {
      const span = open.get(key)?.shift();
      if (span !== undefined) span.endMs = line.atMs;
      continue;
    }
    const span = { line, endMs: cutShort.has(`${name} ${line.atMs}`) ? Math.max(simulatedMs, line.atMs) : line.atMs };
    spans.push(span);
    const same = open.get(key);
    if (same === undefined) open.set(key, [span]);
    else same.push(span);
  }
  return spans;
}

/** The kind of the fault that a line is about: its first word. */
export function faultName({ text }: TimelineLine): string {
  return text.split(/[\s:,]/, 1)[0] ?? '';
}
