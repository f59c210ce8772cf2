import { decodeCommand, type ReplicatedMachine, type StateSpace } from '@flotilla/state-machine';
import type { Operation } from '../history/operation.ts';
import type { AppliedLog } from '../judge/applied-log.ts';
import { judgeByReplay } from '../judge/replay-judge.ts';
import { checkLinearizable } from '../linearizability/check.ts';
import { explain } from '../linearizability/explain.ts';
import { tighten } from '../linearizability/tighten.ts';
import { Violation } from '../watch/violation.ts';
import type { CallRecords } from '../workload/call-records.ts';
import { canBeFound } from './asked.ts';
import type { RunReport } from './run-report.ts';
import type { Subject } from './subject.ts';

/** What the check of one key's calls may cost, in steps of the model: beyond, its verdict is unknown, which fails the run. */
const checkLimits = { stepsMax: 2_000_000, rememberedMax: 200_000 };

/** What a run leaves behind for its judges. */
export interface Evidence {
  readonly records: CallRecords;
  readonly log: AppliedLog;
  /** A machine in its first state, or in the one that `space` holds. */
  machine(space?: StateSpace): ReplicatedMachine;
}

export interface Judgement {
  readonly linearizability: RunReport['linearizability'];
  /** Why the calls are not linearizable, or were not shown to be. */
  readonly violation: Violation | null;
}

/**
 * What the clients heard is judged twice: with the log as the witness, and without looking at it. Throws a `Violation` where the
 * log contradicts them.
 */
export function judgeCalls(evidence: Evidence, subject: Subject): Judgement {
  const { records, log } = evidence;
  judgeByReplay((space) => evidence.machine(space), log.requests, records.all);
  const { model } = subject;
  if (model === undefined) return { linearizability: { operations: 0, verdict: 'unchecked' }, violation: null };
  // A read comes behind the entry up to which it saw the log.
  const places = new Map(records.all.map(({ serial, index, call }) => [serial, call.kind === 'query' ? index + 0.5 : index]));
  const operations = knownToTheLog(records, log, subject, places);
  const witness = ({ serial }: Operation) => places.get(serial as number) || undefined;
  const { verdict, operations: checked, undecided, violation } = checkLinearizable(operations, model, { ...checkLimits, witness });
  const linearizability = { operations: checked, verdict: verdict === 'not-linearizable' ? 'violated' : verdict } as const;
  if (verdict === 'unknown') {
    const what = `no verdict on the calls of ${undecided.join(', ')} within ${checkLimits.stepsMax} steps`;
    return { linearizability, violation: new Violation('linearizability', what) };
  }
  return { linearizability, violation: violation && new Violation('linearizability', explain(violation)) };
}

/** Calls of unknown outcome are looked up in the log, which also tells their places. */
function knownToTheLog(records: CallRecords, log: AppliedLog, subject: Subject, places: Map<number, number>): readonly Operation[] {
  const operations = records.operations();
  const { serialOf } = subject;
  if (serialOf === undefined || records.all.every(({ outcome }) => outcome !== 'unknown' && outcome !== 'open')) return operations;
  const applied = new Map<number, number>();
  for (const { command, index, appliedAt } of log.commands) {
    const serial = serialOf(decodeCommand(command));
    if (serial === null) continue;
    applied.set(serial, appliedAt);
    places.set(serial, index);
  }
  // What the log could not tell of a call, it does not rule out either.
  const untold = new Set(records.all.filter(({ call }) => !canBeFound(call, serialOf)).map(({ serial }) => serial));
  return tighten(
    operations.map((operation) => (untold.has(operation.serial as number) ? { ...operation, serial: undefined } : operation)),
    applied,
  );
}
