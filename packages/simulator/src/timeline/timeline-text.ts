import type { RunReport } from '../run/run-report.ts';
import { milliseconds, outcomeSummary, planSummary } from './plan-summary.ts';
import type { TimelineLine } from './timeline-line.ts';

/**
 * A run for people to read: what was planned, what failed, and what happened, one line each:
 *
 *     1234.567 ms  host 2 (member 7)  fault       isolate forMs=300
 */
export function timelineText(report: RunReport): string {
  const { failure, timeline, plan } = report;
  const facts = [...outcomeSummary(report), ...planSummary(plan)].map(([name, value]) => `${name.padEnd(16)}${value}`);
  const failed =
    failure === null
      ? ['nothing failed']
      : [`FAILED at ${milliseconds(failure.atMs)} ms: ${failure.invariant}`, ...failure.message.split('\n'), ...failure.hint.split('\n')];
  return `${[...facts, '', ...failed, '', ...timeline.map(timelineLineText)].map(withoutControls).join('\n')}\n`;
}

function timelineLineText({ atMs, slot, member, kind, text }: TimelineLine): string {
  return `${milliseconds(atMs).padStart(12)} ms  ${whereText(slot, member).padEnd(18)}  ${kind.padEnd(10)}  ${text}`;
}

/** Which host, and who it was then. */
export function whereText(slot: number | null, member: number | null): string {
  const host = slot === null ? '' : `host ${slot}`;
  if (member === null) return host;
  return host === '' ? `member ${member}` : `${host} (member ${member})`;
}

/** What a run tells goes to terminals, too: a line is a line, and tells no terminal to do anything. */
function withoutControls(line: string): string {
  return line.replace(/\p{Cc}+/gu, ' ');
}
