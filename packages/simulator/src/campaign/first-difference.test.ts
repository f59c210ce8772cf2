import { expect, it } from 'vitest';
import { Trace } from '../engine/trace.ts';
import { firstDifference } from './first-difference.ts';

function traced(...notes: readonly Parameters<Trace['note']>[]) {
  const trace = new Trace({ keep: true });
  for (const each of notes) trace.note(...each);
  return trace.lines ?? [];
}

const same: Parameters<Trace['note']> = [1, 'invoked', 0, 7];

it('equal runs differ in nothing', () => {
  expect(firstDifference(traced(same, [2, 'step', 1, 4, 5, 6]), traced(same, [2, 'step', 1, 4, 5, 6]))).toBeNull();
  // A trace tells microseconds apart, and nothing less.
  expect(firstDifference(traced([1, 'durable', 1]), traced([1.000_000_1, 'durable', 1]))).toBeNull();
});

it('names the first event that differs, and what of it does', () => {
  expect(firstDifference(traced(same, [2, 'step', 1, 4, 5, 6]), traced(same, [2, 'step', 1, 4, 9, 6]))).toBe(
    'event 1: "step" of member 1 at 2.000 ms (term 4, last index 5, commit index and kind of input 6) in one run, ' +
      'and "step" of member 1 at 2.000 ms (term 4, last index 9, commit index and kind of input 6) in the other (another last index)',
  );
});

it('names who and when', () => {
  const difference = firstDifference(traced([2, 'durable', 1, 4]), traced([2.5, 'durable', 3, 4]));
  expect(difference).toContain('(another member, time)');
});

it('tells answers apart that only differ in what is in them', () => {
  const [one, other] = [17, 18].map((digest) => traced([2, 'answered', 3, 8, 5, digest]));
  expect(firstDifference(one ?? [], other ?? [])).toContain('(call 8, index 5, digest of the answer 17) in one run');
});

it('another event, or none, is a difference', () => {
  expect(firstDifference(traced(same, [2, 'durable', 1, 4]), traced(same, [2, 'send', 1, 2, 3, 4]))).toContain(
    '"durable" of member 1 at 2.000 ms (last index 4) in one run, and "send" of member 1',
  );
  expect(firstDifference(traced(same), [])).toContain(
    'event 0: "invoked" of client 0 at 1.000 ms (call 7) in one run, and nothing more in the other',
  );
});
