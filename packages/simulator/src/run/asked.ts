import type { Oracle } from '../oracle/oracle.ts';
import type { OracleAnswer } from '../oracle/oracle-call.ts';
import type { CallObserver, CallRecord } from '../workload/call-records.ts';
import type { Subject } from './subject.ts';

/** Tells the oracle of the clients' calls, but for the writes that it could not find in the log. */
export function asked(oracle: Oracle, serialOf: NonNullable<Subject['serialOf']>): CallObserver {
  const isKnown = ({ call }: CallRecord) => call.kind === 'query' || serialOf({ type: call.name, input: call.input }) !== null;
  return {
    onInvoked(record) {
      const { serial, call } = record;
      if (!isKnown(record)) return;
      if (call.kind === 'command') oracle.invoked({ serial, kind: 'write', consistency: 'linearizable' });
      else oracle.invoked({ serial, kind: 'read', consistency: call.consistency });
    },
    onCompleted(record) {
      if (!isKnown(record)) return;
      oracle.answered({ serial: record.serial, kind: record.call.kind === 'command' ? 'write' : 'read' }, answerOf(record));
    },
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
