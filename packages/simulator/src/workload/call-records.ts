import type { ClientError, CommandRejected } from '@flotilla/client';
import type { MachineErrorCode } from '@flotilla/state-machine';
import type { World } from '../engine/world.ts';
import { HistoryRecorder } from '../history/history-recorder.ts';
import type { Operation } from '../history/operation.ts';
import { digestValue } from '../oracle/digest.ts';
import { Violation } from '../watch/violation.ts';
import type { SimCall } from './workload.ts';

/** A call, and what its client heard of it. */
export interface CallRecord {
  readonly client: number;
  readonly serial: number;
  readonly call: SimCall;
  /** Simulated milliseconds. */
  readonly invokedAt: number;
  outcome: 'open' | 'applied' | 'refused' | 'answered' | 'not-applied' | 'unknown';
  completedAt: number;
  /** Where in the log the command is, or how much of it the answer knows of; 0 where that is not known. */
  index: number;
  /** The reply of a command, the code of a refusal, or the answer of a query. */
  result: unknown;
}

/** Told of calls as they begin and end. */
export interface CallObserver {
  onInvoked?(record: CallRecord): void;
  onCompleted?(record: CallRecord): void;
}

/** What says that the machine is defective, or the workload asks for what it does not have. */
const faultyCall: ReadonlySet<string> = new Set<MachineErrorCode>([
  'machine_defect',
  'invalid_input',
  'unknown_command',
  'unknown_query',
  'malformed_payload',
]);

/** A run in which such calls only failed would show nothing, and look well. */
export function misuse({ serial, call }: Pick<CallRecord, 'serial' | 'call'>, error: Error): Violation {
  const code = 'code' in error ? String(error.code) : 'error';
  const hint = 'Correct the machine, or what the workload asks of it: a run says something only of calls that can be carried out.';
  return new Violation('calls-make-sense', `call ${serial} (${call.name}) cannot be carried out: ${error.message} (${code})`, hint);
}

/** What clients asked and heard: in full for whoever judges it, and as a history for the linearizability checker. */
export class CallRecords {
  readonly all: CallRecord[] = [];
  readonly counts = { ok: 0, failed: 0, unknown: 0 };
  readonly #world: World;
  readonly #observers: readonly CallObserver[];
  readonly #history = new HistoryRecorder();
  /** A process makes one call at a time, and none after one of which it does not know the outcome. */
  readonly #idle: number[] = [];
  readonly #processOf = new Map<CallRecord, number>();
  #processes = 0;

  constructor(world: World, observers: readonly CallObserver[]) {
    this.#world = world;
    this.#observers = observers;
  }

  operations(): readonly Operation[] {
    return this.#history.operations();
  }

  begin(client: number, serial: number, call: SimCall): CallRecord {
    const { now, trace } = this.#world;
    const record: CallRecord = { client, serial, call, invokedAt: now, outcome: 'open', completedAt: now, index: 0, result: undefined };
    this.all.push(record);
    trace.note(now, 'invoked', client, serial);
    if (call.history !== undefined) {
      const process = this.#idle.pop() ?? this.#processes++;
      this.#processOf.set(record, process);
      this.#history.invoke({ process, ...call.history, node: null, serial }, now);
    }
    for (const observer of this.#observers) this.#tell(() => observer.onInvoked?.(record));
    return record;
  }

  applied(record: CallRecord, { index, reply }: { readonly index: number; readonly term: number; readonly reply: unknown }): void {
    this.counts.ok++;
    this.#complete(record, 'applied', index, reply, 'ok');
  }

  answered(record: CallRecord, { index, result }: { readonly index: number; readonly result: unknown }): void {
    this.counts.ok++;
    this.#complete(record, 'answered', index, result, 'ok');
  }

  refused(record: CallRecord, error: CommandRejected): void {
    if (faultyCall.has(error.code)) this.#world.fail(misuse(record, error));
    this.counts.ok++;
    this.#complete(record, 'refused', error.index ?? 0, error.code, 'ok');
  }

  failed(record: CallRecord, error: ClientError): void {
    const { code, outcome } = error;
    if (faultyCall.has(code)) this.#world.fail(misuse(record, error));
    // A read changes nothing, whatever became of it.
    const known = outcome === 'not-applied' || record.call.kind === 'query';
    if (known) this.counts.failed++;
    else this.counts.unknown++;
    this.#complete(record, known ? 'not-applied' : 'unknown', 0, code, known ? 'fail' : 'info');
  }

  #complete(record: CallRecord, outcome: CallRecord['outcome'], index: number, result: unknown, type: 'ok' | 'fail' | 'info'): void {
    const { now, trace } = this.#world;
    record.outcome = outcome;
    record.completedAt = now;
    record.index = index;
    record.result = result;
    trace.note(now, 'answered', record.client, record.serial, index, digestValue(result) ^ type.charCodeAt(0));
    const process = this.#processOf.get(record);
    if (process !== undefined) {
      const heard = outcome === 'refused' ? { refused: result } : result;
      this.#history.complete(process, type, heard, now);
      this.#processOf.delete(record);
      if (type !== 'info') this.#idle.push(process);
    }
    for (const observer of this.#observers) this.#tell(() => observer.onCompleted?.(record));
  }

  #tell(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#world.fail(error);
    }
  }
}
