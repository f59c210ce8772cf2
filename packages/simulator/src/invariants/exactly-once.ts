import type { Index, Term } from '@flotilla/core';
import { type AppliedRequest, type CommittedRequest, decodeRequest, type SessionStamp } from '@flotilla/state-machine';
import { digestValue } from '../oracle/digest.ts';
import type { Invariant } from '../watch/invariant.ts';
import { Violation } from '../watch/violation.ts';

const name = 'exactly-once';

/** What came of a command of a session when it was first applied. */
interface FirstTime {
  readonly index: Index;
  readonly term: Term;
  readonly answer: number;
}

/** A digest of what the client hears; the events are not kept for repetitions. */
function answerOf(outcome: AppliedRequest['outcome']): number {
  return digestValue(outcome.kind === 'accepted' ? [outcome.reply ?? null] : [outcome.code, outcome.message]);
}

/**
 * The command that a session gave a number changes the machine once, however often it is in the log: what comes later is answered
 * as the first time, with its place in the log, and does nothing.
 *
 * That all members agree on it, `state-machine-safety` says: here only the first to apply an entry is looked at.
 */
export function exactlyOnce(): Invariant {
  const sessions = new Map<number, Map<number, FirstTime>>();
  let last: Index = 0;

  function look({ session, sequence }: SessionStamp, at: Index, { index, term, outcome }: AppliedRequest): void {
    const firsts = sessions.get(session) ?? new Map<number, FirstTime>();
    sessions.set(session, firsts);
    const first = firsts.get(sequence);
    const what = `command ${sequence} of session ${session}`;
    if (index === at) {
      if (first !== undefined) throw new Violation(name, `${what} is applied at ${first.index}, and again at ${at}`);
      firsts.set(sequence, { index, term, answer: answerOf(outcome) });
      return;
    }
    if (first === undefined) throw new Violation(name, `${what}, at ${at}, is taken for a repetition, and was never applied`);
    if (first.index !== index || first.term !== term || first.answer !== answerOf(outcome))
      throw new Violation(name, `the repetition of ${what} at ${at} is answered otherwise than the first time, at ${first.index}`);
  }

  return {
    name,
    source: 'thesis 6.3',
    onApplied(_member, { requests, results }) {
      const through = requests.at(-1)?.index ?? 0;
      if (through <= last) return;
      for (let i = 0; i < requests.length; i++) {
        const { index, payload } = requests[i] as CommittedRequest;
        const result = results[i];
        if (index <= last || result === undefined || result.outcome.kind === 'refused') continue;
        const request = decodeRequest(payload);
        if (request.kind === 'command' && request.stamp !== null) look(request.stamp, index, result);
      }
      last = through;
    },
  };
}
