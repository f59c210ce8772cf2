import { expect, it } from 'vitest';
import { checkSeeds } from './check-profile.ts';
import { drawPlan, type PlanProfile } from './draw-plan.ts';

it.each([
  [{ members: 0 }, 'members is 0'],
  [{ members: 2.5 }, 'members is 2.5'],
  [{ durationMs: Number.NaN }, 'durationMs is NaN'],
  [{ durationMs: Number.POSITIVE_INFINITY }, 'durationMs is Infinity'],
  [{ ratePerSecond: -5 }, 'ratePerSecond is -5'],
  [{ clients: 1e9 }, 'clients is 1000000000'],
  [{ faults: ['banana'] as never }, 'there is no fault "banana"'],
  [{ faults: 'some' as never }, 'faults is "some"'],
] as const)('a profile of which no plan can be drawn says so: %o', (profile: PlanProfile, message) => {
  expect(() => drawPlan(1, profile)).toThrow(expect.objectContaining({ code: 'config_invalid', message }));
});

it.each([
  [Number.NaN, 1],
  [1.5, 1],
  [1, 0],
  [1, 1.5],
])('no seeds are refused: %d, %d', (first, count) => {
  expect(() => checkSeeds(first, count)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
});
