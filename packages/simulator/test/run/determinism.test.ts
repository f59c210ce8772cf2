import { expect, it } from 'vitest';
import { drawPlan } from '../../src/plan/draw-plan.ts';
import { runPlan } from '../../src/run/run-plan.ts';
import { registersSubject } from '../../src/workload/registers-subject.ts';

const short = { durationMs: 4000 };

it.each([1, 2, 3, 4, 5, 6])('seed %i gives the same trace each time', async (seed) => {
  const first = await runPlan(drawPlan(seed, short), registersSubject);
  const second = await runPlan(drawPlan(seed, short), registersSubject);
  expect(first.failure).toBeNull();
  expect(second.traceHash).toBe(first.traceHash);
  expect(second.events).toBe(first.events);
  expect(second.history).toEqual(first.history);
});

it('gives another trace for every seed, and for a plan that differs in one call', async () => {
  const hashes = new Set<string>();
  for (let seed = 1; seed <= 10; seed++) hashes.add((await runPlan(drawPlan(seed, { durationMs: 1000 }), registersSubject)).traceHash);
  const plan = drawPlan(1, { durationMs: 1000 });
  hashes.add((await runPlan({ ...plan, workload: { ...plan.workload, without: [0] } }, registersSubject)).traceHash);
  expect(hashes.size).toBe(11);
});

it('does not depend on what the process did before', async () => {
  const alone = await runPlan(drawPlan(7, short), registersSubject);
  await runPlan(drawPlan(8, short), registersSubject);
  expect((await runPlan(drawPlan(7, short), registersSubject)).traceHash).toBe(alone.traceHash);
});
