import type { RunReport } from '../run/run-report.ts';
import { callSpans } from './call-spans.ts';
import { faultName, faultSpans } from './fault-spans.ts';
import { packRows } from './pack-rows.ts';
import { counted, milliseconds } from './plan-summary.ts';
import type { TimelineLine } from './timeline-line.ts';
import { whereText } from './timeline-text.ts';

/** Something that lasts. */
export interface Bar {
  /** Simulated milliseconds. */
  readonly from: number;
  readonly to: number;
  /** Which of the lane's rows it is in, from 0. */
  readonly row: number;
  /** As in `fault`, `call ok`: what it is coloured and filtered by. */
  readonly kinds: string;
  /** What stands in the bar where there is room. */
  readonly label: string;
  readonly text: string;
}

/** Something of one moment, with its place among the lines of the timeline. */
export interface Mark {
  readonly line: TimelineLine;
  readonly number: number;
}

/** What happened to one host, to the cluster as a whole, or to the clients. */
export interface Lane {
  readonly name: string;
  readonly note: string;
  readonly bars: readonly Bar[];
  readonly marks: readonly Mark[];
}

/** Rows of bars in one lane, and calls in all: what is beyond is not drawn apart, or not at all. */
const faultRowsMax = 8;
const callRowsMax = 24;
const callsMax = 5000;

/** A lane for what concerns everybody, one for each host, and one for the calls. */
export function timelineLanes(report: RunReport): readonly Lane[] {
  const slots = Array.from({ length: report.plan.members }, (_, slot) => slot);
  return [hostLane(report, null), ...slots.map((slot) => hostLane(report, slot)), callsLane(report)];
}

function hostLane(report: RunReport, slot: number | null): Lane {
  const spans = faultSpans(report).filter(({ line }) => line.slot === slot);
  const bars = spans.flatMap(({ line, endMs }) => (endMs > line.atMs ? [{ line, from: line.atMs, to: endMs }] : []));
  const lasting = new Set(bars.map(({ line }) => line));
  const marks = report.timeline
    .map((line, number) => ({ line, number }))
    .filter(({ line }) => line.slot === slot && line.kind !== 'call' && line.kind !== 'healed' && !lasting.has(line));
  const members = new Set(marks.flatMap(({ line }) => (line.member === null ? [] : [line.member])));
  return {
    name: slot === null ? 'cluster' : `host ${slot}`,
    note: slot === null || members.size === 0 ? '' : `member ${[...members].join(', ')}`,
    bars: packRows(bars, faultRowsMax).map(({ line, from, to, row }) => ({
      from,
      to,
      row,
      kinds: 'fault',
      label: faultName(line),
      text: `${milliseconds(from)} to ${milliseconds(to)} ms ${whereText(line.slot, line.member)}: ${line.text}`,
    })),
    marks,
  };
}

function callsLane({ history, simulatedMs, timeline }: RunReport): Lane {
  const calls = callSpans(history, simulatedMs);
  const drawn = calls.slice(-callsMax);
  return {
    name: 'calls',
    note: drawn.length < calls.length ? `the last ${drawn.length} of ${calls.length}` : counted(calls.length, 'call'),
    bars: packRows(drawn, callRowsMax).map(({ from, to, row, outcome, text }) => ({
      from,
      to,
      row,
      kinds: `call ${outcome}`,
      label: '',
      text: `${milliseconds(from)} to ${milliseconds(to)} ms: ${text}`,
    })),
    marks: timeline.map((line, number) => ({ line, number })).filter(({ line }) => line.kind === 'call'),
  };
}
