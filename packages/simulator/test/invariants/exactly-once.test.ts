import { encodeCommand, encodeRequest, type SessionStamp } from '@flotilla/state-machine';
import { expect, test } from 'vitest';
import { exactlyOnce } from '../../src/invariants/exactly-once.ts';
import type { AppliedEntries } from '../../src/watch/observer.ts';
import { tellAll } from './told.ts';

const command = encodeCommand({ type: 'add', input: 1 });

/** The entry `at` carries the command of a session, and is answered with the place of the entry `index`. */
function entry(at: number, stamp: SessionStamp, index: number, reply: unknown): AppliedEntries {
  const payload = encodeRequest({ kind: 'command', version: 1, stamp, command });
  const outcome = { kind: 'accepted', reply, events: [] } as const;
  return { requests: [{ index: at, term: 1, time: 0, payload }], results: [{ index, term: 1, outcome, events: [], encodedEvents: null }] };
}

const first = { session: 2, sequence: 1, acknowledged: 1 };
const second = { session: 2, sequence: 2, acknowledged: 1 };

test('holds where a repetition is answered as the first time, on every member', () => {
  const to = tellAll([exactlyOnce()]);
  for (const member of [1, 2]) {
    to.onApplied(member, entry(3, first, 3, 'a'));
    to.onApplied(member, entry(4, second, 4, 'b'));
    to.onApplied(member, entry(5, first, 3, 'a'));
  }
});

test('is broken by a command that is applied twice, or is answered otherwise', () => {
  const to = tellAll([exactlyOnce()]);
  to.onApplied(1, entry(3, first, 3, 'a'));
  expect(() => to.onApplied(1, entry(4, first, 4, 'a'))).toThrow('command 1 of session 2 is applied at 3, and again at 4');
  expect(() => to.onApplied(1, entry(5, first, 3, 'b'))).toThrow('is answered otherwise than the first time, at 3');
  expect(() => to.onApplied(1, entry(6, second, 3, 'a'))).toThrow('is taken for a repetition, and was never applied');
});
