import { expect, test } from 'vitest';
import { BackOff } from './back-off.ts';

test('doubles up to its maximum, and begins again after a reset', () => {
  const backOff = new BackOff({ minMs: 50, maxMs: 2_000 }, () => 0);
  const pauses = Array.from({ length: 8 }, () => backOff.next());
  expect(pauses).toEqual([50, 100, 200, 400, 800, 1_600, 2_000, 2_000]);
  backOff.reset();
  expect(backOff.next()).toBe(50);
});

test('is shortened by up to half', () => {
  const backOff = new BackOff({ minMs: 100, maxMs: 100 }, () => 0.999);
  expect(backOff.next()).toBeCloseTo(50, 0);
});
