import { expect, test } from 'vitest';
import { drawPlan, type Strike } from './crash-plan.ts';

function pointsOf(strike: Strike): readonly string[] {
  if (strike.kind === 'everybody') return [];
  return strike.kind === 'serving' ? strike.crashes.map(({ at }) => at) : [strike.at];
}

test('a seed decides where members die, and how many rounds there are does not', () => {
  expect(drawPlan(7, 25)).toEqual(drawPlan(7, 25));
  expect(drawPlan(7, 25)).not.toEqual(drawPlan(8, 25));
  expect(drawPlan(7, 100).strikes.slice(0, 25)).toEqual(drawPlan(7, 25).strikes);
  expect(drawPlan(7, 100).founding).toEqual(drawPlan(7, 25).founding);
});

test('a campaign dies in all ways', () => {
  const plans = Array.from({ length: 40 }, (_, seed) => drawPlan(seed, 25));
  const strikes = plans.flatMap((plan) => plan.strikes);
  expect(new Set(strikes.map(({ kind }) => kind))).toEqual(new Set(['serving', 'starting', 'behind', 'everybody']));
  const points = [...plans.flatMap(({ founding }) => founding.filter((at) => at !== null)), ...strikes.flatMap(pointsOf)];
  for (const point of points) expect(point).toMatch(/^[a-z-]+:(before|during|after):[1-9]\d*$/);
  for (const step of [
    'persist',
    'send',
    'apply',
    'state-commit',
    'snapshot-save',
    'snapshot-manifest',
    'recover',
    'founding',
    'identity',
  ]) {
    for (const phase of ['before', 'after']) expect(points.some((point) => point.startsWith(`${step}:${phase}:`))).toBe(true);
  }
});
