import { HistoryRecorder } from '../../src/history/history-recorder.ts';
import { drawPlan } from '../../src/plan/draw-plan.ts';
import type { Fault } from '../../src/plan/fault.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { RunReport } from '../../src/run/run-report.ts';
import type { TimelineLine } from '../../src/timeline/timeline-line.ts';

const faults: readonly Fault[] = [
  { at: 100, kind: 'isolate', slot: 2, forMs: 300 },
  { at: 150, kind: 'partition', sides: [[0, 1], [2]], forMs: 400 },
  { at: 200, kind: 'isolate', slot: 2, forMs: 500 },
  { at: 300, kind: 'reset', slot: 0 },
  { at: 900, kind: 'crash', slot: 1, forMs: 4000 },
];

export const examplePlan: Plan = {
  ...drawPlan(7, { members: 3, durationMs: 2000, faults: 'none', clients: 3, ratePerSecond: 50 }),
  faults,
};

const line = (atMs: number, kind: TimelineLine['kind'], slot: number | null, text: string): TimelineLine => ({
  atMs,
  kind,
  slot,
  member: slot === null ? null : slot + 1,
  text,
});

/** The report of a run that failed, as a run would give it. */
export function exampleReport(parts: Partial<RunReport> = {}): RunReport {
  return {
    plan: examplePlan,
    machine: { name: 'registers', version: 1 },
    failure: {
      invariant: 'election-safety',
      message: 'members 1 and 3 <both> lead term 4',
      hint: 'Look at "term" 4 & what led there.',
      atMs: 1234.567,
    },
    simulatedMs: 1234.567,
    events: 4321,
    faults: new Map([
      ['isolate', 2],
      ['crash', 1],
    ]),
    healed: 0,
    calls: { ok: 3, failed: 1, unknown: 1 },
    lastCall: 5,
    linearizability: { operations: 0, verdict: 'unchecked' },
    traceHash: '0123456789abcdef',
    trace: null,
    history: exampleHistory(),
    timeline: [
      line(12.5, 'process', 0, 'process takes part'),
      line(100, 'fault', 2, 'isolate forMs=300'),
      line(150, 'fault', null, 'partition sides=[[0,1],[2]] forMs=400'),
      line(200, 'fault', 2, 'isolate forMs=500'),
      line(300, 'fault', 0, 'reset'),
      line(400, 'healed', 2, 'isolate'),
      line(410, 'election', 0, 'leads term 4'),
      line(550, 'healed', null, 'partition'),
      line(600, 'snapshot', 0, 'taken as of entry 12'),
      line(700, 'healed', 2, 'isolate'),
      line(800, 'membership', 0, 'logs a membership at 14'),
      line(900, 'fault', 1, 'crash forMs=4000'),
      line(901, 'process', 1, 'process ended'),
      line(1100, 'call', null, 'client 2: call 4 (put) unknown: timeout </script><b>'),
      line(1234.567, 'violation', null, 'members 1 and 3 <both> lead term 4'),
    ],
    ...parts,
  };
}

function exampleHistory(): RunReport['history'] {
  const recorder = new HistoryRecorder();
  const call = (process: number, serial: number, time: number) =>
    recorder.invoke({ process, f: 'put', key: 'k', value: `<${serial}>`, node: null, serial }, time);
  call(0, 0, 50);
  recorder.complete(0, 'ok', 'first', 60);
  call(0, 1, 500);
  call(1, 2, 505);
  recorder.complete(1, 'fail', 'no_leader', 900);
  recorder.complete(0, 'ok', 'second', 910);
  call(2, 4, 950);
  recorder.complete(2, 'info', 'timeout', 1100);
  call(1, 5, 1200);
  return recorder.operations();
}
