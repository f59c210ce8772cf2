import { expect, test } from 'vitest';
import { Liveness } from './liveness.ts';

test('asks with the first message, and not again before there was an answer and some time', () => {
  const liveness = new Liveness(1_000);
  expect(liveness.shouldPing(10)).toBe(true);
  expect(liveness.shouldPing(900)).toBe(false);
  liveness.heard();
  expect(liveness.shouldPing(100)).toBe(false);
  expect(liveness.shouldPing(210)).toBe(true);
});

test('is overdue only where something was asked and nothing was heard', () => {
  const liveness = new Liveness(1_000);
  expect(liveness.isOverdue(5_000)).toBe(false);
  liveness.shouldPing(5_000);
  expect(liveness.isOverdue(6_000)).toBe(false);
  expect(liveness.isOverdue(6_001)).toBe(true);
  liveness.heard();
  expect(liveness.isOverdue(9_000)).toBe(false);
});
