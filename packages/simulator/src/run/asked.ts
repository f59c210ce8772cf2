import type { Oracle } from '../oracle/oracle.ts';
import type { OracleAnswer } from '../oracle/oracle-call.ts';
import type { CallObserver, CallRecord } from '../workload/call-records.ts';
import type { SimCall } from '../workload/workload.ts';
import type { Subject } from './subject.ts';

/** Tells the oracle of the clients' calls, but for the writes that it could not find in the log. */
export function asked(oracle: Oracle, serialOf: NonNullable<Subject['serialOf']>): CallObserver {
  return {
    onInvoked({ serial, call }) {
      if (!canBeFound(call, serialOf)) return;
      if (call.kind === 'command') oracle.invoked({ serial, kind: 'write', consistency: 'linearizable' });
      else oracle.invoked({ serial, kind: 'read', consistency: call.consistency });
    },
    onCompleted(record) {
      if (!canBeFound(record.call, serialOf)) return;
      oracle.answered({ serial: record.serial, kind: record.call.kind === 'command' ? 'write' : 'read' }, answerOf(record));
    },
  };
}

/** Whether the command tells which call it is. Nobody looks for queries in the log. */
export function canBeFound({ kind, name, input }: SimCall, serialOf: NonNullable<Subject['serialOf']>): boolean {
  return kind === 'query' || serialOf({ type: name, input }) !== null;
}

function answerOf({ outcome, index }: CallRecord): OracleAnswer {
  switch (outcome) {
    case 'applied':
    case 'refused':
    case 'answered':
      return { kind: 'ok', index };
    case 'not-applied':
      return { kind: 'fail' };
    case 'unknown':
    case 'open':
      return { kind: 'unknown' };
  }
}
