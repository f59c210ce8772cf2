import type { RunReport } from '../run/run-report.ts';

/** What runs amount to, as plain data that one process can tell another. */
export interface Totals {
  readonly runs: number;
  readonly simulatedMs: number;
  /** Tasks that were run: messages that arrived, timers, disk operations, turns. */
  readonly events: number;
  /** Faults that really happened, by kind. */
  readonly faults: { readonly [kind: string]: number };
  /** How often a member had lost entries or its vote, and recovered them from the others. */
  readonly healed: number;
  readonly calls: { readonly ok: number; readonly failed: number; readonly unknown: number };
  /** Operations that the linearizability checker looked at, and the runs on which it gave up. */
  readonly operationsChecked: number;
  readonly unknownVerdicts: number;
}

export const noTotals: Totals = {
  runs: 0,
  simulatedMs: 0,
  events: 0,
  faults: {},
  healed: 0,
  calls: { ok: 0, failed: 0, unknown: 0 },
  operationsChecked: 0,
  unknownVerdicts: 0,
};

export function totalsOf({ simulatedMs, events, faults, healed, calls, linearizability }: RunReport): Totals {
  const { operations, verdict } = linearizability;
  return {
    runs: 1,
    simulatedMs,
    events,
    faults: Object.fromEntries(faults),
    healed,
    calls,
    operationsChecked: operations,
    unknownVerdicts: verdict === 'unknown' ? 1 : 0,
  };
}

export function addTotals(a: Totals, b: Totals): Totals {
  const faults: { [kind: string]: number } = { ...a.faults };
  for (const [kind, count] of Object.entries(b.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  return {
    runs: a.runs + b.runs,
    simulatedMs: a.simulatedMs + b.simulatedMs,
    events: a.events + b.events,
    faults,
    healed: a.healed + b.healed,
    calls: { ok: a.calls.ok + b.calls.ok, failed: a.calls.failed + b.calls.failed, unknown: a.calls.unknown + b.calls.unknown },
    operationsChecked: a.operationsChecked + b.operationsChecked,
    unknownVerdicts: a.unknownVerdicts + b.unknownVerdicts,
  };
}
