import type { Oracle } from '../oracle/oracle.ts';
import type { OracleAnswer } from '../oracle/oracle-call.ts';
import type { CallObserver, CallRecord } from '../workload/call-records.ts';

/** Tells the oracle of the clients' calls. */
export function asked(oracle: Oracle): CallObserver {
  return {
    onInvoked({ serial, call }) {
      if (call.kind === 'command') oracle.invoked({ serial, kind: 'write', consistency: 'linearizable' });
      else oracle.invoked({ serial, kind: 'read', consistency: call.consistency });
    },
    onCompleted: (record) =>
      oracle.answered({ serial: record.serial, kind: record.call.kind === 'command' ? 'write' : 'read' }, answerOf(record)),
  };
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
