import { expect, it } from 'vitest';
import { drawPlan } from '../../src/plan/draw-plan.ts';
import { runPlan } from '../../src/run/run-plan.ts';
import type { Observer } from '../../src/watch/observer.ts';
import { alarmsSubject } from '../../src/workload/alarms-subject.ts';

it('alarms ring once, and effects are done, whatever goes wrong', async () => {
  const seen = { rang: 0, told: 0 };
  let last = 0;
  const counting: Observer['onApplied'] = (_member, { requests, results }) => {
    for (const [i, { index }] of requests.entries()) {
      if (index <= last) continue;
      last = index;
      for (const { type } of results[i]?.events ?? []) if (type === 'rang' || type === 'told') seen[type]++;
    }
  };
  const invariants = () => [...(alarmsSubject.invariants?.() ?? []), { name: 'counts', source: 'this test', onApplied: counting }];
  for (const seed of [1, 2, 3, 4]) {
    last = 0;
    const plan = { ...drawPlan(seed, { members: 3, durationMs: 3000 }), stateComparisonMs: 200 };
    const { failure } = await runPlan(plan, { ...alarmsSubject, invariants });
    expect(failure).toBeNull();
  }
  expect(seen.rang).toBeGreaterThan(50);
  expect(seen.told).toBeGreaterThan(50);
});
