import { expect, test } from 'vitest';
import { Liveness } from './liveness.ts';

const intervals = (liveness: Liveness, count: number) => Array.from({ length: count }, () => liveness.ask());

test('gives up at the end of the third interval in which nothing was heard', () => {
  expect(intervals(new Liveness(), 3)).toEqual([true, true, false]);
});

test('any answer is enough, however late', () => {
  const liveness = new Liveness();
  expect(intervals(liveness, 2)).toEqual([true, true]);
  liveness.heard();
  expect(intervals(liveness, 3)).toEqual([true, true, false]);
});
