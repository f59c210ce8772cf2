import type { TraceLine } from '../engine/trace.ts';
import type { Operation } from '../history/operation.ts';
import type { FaultKind } from '../plan/fault.ts';
import type { Plan } from '../plan/plan.ts';
import type { TimelineLine } from '../timeline/timeline-line.ts';

/** What did not hold in a run. */
export interface RunFailure {
  /** The invariant, as in `election-safety`; `crash` where the simulation itself threw. */
  readonly invariant: string;
  readonly message: string;
  readonly hint: string;
  /** When it showed, in simulated milliseconds. */
  readonly atMs: number;
}

/** What became of a run. */
export interface RunReport {
  readonly plan: Plan;
  readonly machine: { readonly name: string; readonly version: number };
  readonly failure: RunFailure | null;
  readonly simulatedMs: number;
  /** Tasks that were run: messages that arrived, timers, disk operations, turns. */
  readonly events: number;
  /** Faults that really happened, by kind. */
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** How often a member had lost entries or its vote, and recovered them from the others. */
  readonly healed: number;
  /** Calls by what their clients heard. */
  readonly calls: { readonly ok: number; readonly failed: number; readonly unknown: number };
  /** The highest number of a call so far. */
  readonly lastCall: number;
  /** Operations that the linearizability checker looked at, and what it said of them: `unchecked` without a model. */
  readonly linearizability: { readonly operations: number; readonly verdict: 'linearizable' | 'violated' | 'unknown' | 'unchecked' };
  /** Equal for two runs of one plan. */
  readonly traceHash: string;
  /** Every line of the trace, where that was asked for. */
  readonly trace: readonly TraceLine[] | null;
  readonly history: readonly Operation[];
  readonly timeline: readonly TimelineLine[];
}
