import { expect, test } from 'vitest';
import { Liveness } from './liveness.ts';

const intervals = (liveness: Liveness, count: number) => Array.from({ length: count }, () => liveness.ask());

test('gives up at the end of the fourth interval in which nothing was heard', () => {
  expect(intervals(new Liveness(), 4)).toEqual([true, true, true, false]);
});

test('any answer is enough, however late', () => {
  const liveness = new Liveness();
  expect(intervals(liveness, 3)).toEqual([true, true, true]);
  liveness.heard();
  expect(intervals(liveness, 4)).toEqual([true, true, true, false]);
});
