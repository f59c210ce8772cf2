import { encodeCommand, replicate } from '@flotilla/state-machine';
import { describe, expect, it } from 'vitest';
import { judgeByReplay } from '../../src/judge/replay-judge.ts';
import type { CallRecord } from '../../src/workload/call-records.ts';
import { registers } from '../../src/workload/registers.ts';

const commands = ['a', 'b', 'c'].map((value, i) => ({
  index: 2 + 2 * i,
  term: 1,
  time: 0,
  payload: encodeCommand({ type: 'put', input: { key: 'k', value, serial: i } }),
}));

let serial = 0;
function record(call: CallRecord['call'], invokedAt: number, completedAt: number, index: number, result: unknown): CallRecord {
  const outcome = call.kind === 'query' ? 'answered' : 'applied';
  return { client: 1, serial: serial++, call, invokedAt, completedAt, index, result, outcome };
}
const put = (value: string, from: number, to: number, index: number, reply: unknown = index) =>
  record({ kind: 'command', name: 'put', input: { key: 'k', value, serial: 0 } }, from, to, index, reply);
const get = (from: number, to: number, index: number, value: string | null, consistency: 'linearizable' | 'stale' = 'linearizable') =>
  record({ kind: 'query', name: 'get', input: { key: 'k' }, consistency }, from, to, index, value);
const judge = (...records: CallRecord[]) => judgeByReplay((space) => replicate(registers, space), commands, records);

describe('what the log explains', () => {
  it('is accepted: replies, reads between entries, and stale reads', () => {
    judge(put('a', 0, 1, 2), put('b', 2, 3, 4), get(4, 5, 5, 'b'), get(4, 9, 4, 'b'), put('c', 2, 9, 6), get(10, 11, 1, null, 'stale'));
  });
});

describe('what it does not', () => {
  it.each([
    ['another reply', () => judge(put('a', 0, 1, 2, 7)), 'replay'],
    ['a read of what was not there yet', () => judge(get(0, 1, 2, 'b')), 'replay'],
    ['a reply from a slot that holds no command', () => judge(put('a', 0, 1, 3)), 'replay'],
    ['a reply from behind the end of the log', () => judge(put('a', 0, 1, 99)), 'replay'],
    ['a read that began after a write, and does not see it', () => judge(put('b', 0, 1, 4), get(2, 3, 2, 'a')), 'real-time-order'],
    ['a read that sees less than one before it', () => judge(get(0, 1, 4, 'b'), get(2, 3, 2, 'a')), 'real-time-order'],
    ['a write that is put before one that had ended', () => judge(put('b', 0, 1, 4), put('a', 2, 3, 2)), 'real-time-order'],
    ['two writes in one slot, at the same time', () => judge(put('a', 0, 4, 2), put('a', 2, 3, 2)), 'replay'],
    ['two writes in one slot, one after the other', () => judge(put('a', 0, 1, 2), put('a', 2, 3, 2)), 'real-time-order'],
  ] as const)('is a violation: %s', (_what, judged, invariant) => {
    expect(judged).toThrow(expect.objectContaining({ invariant }));
  });
});
