import { expect, it } from 'vitest';
import { drawPlan } from '../../src/plan/draw-plan.ts';
import { runPlan } from '../../src/run/run-plan.ts';
import { registersSubject } from '../../src/workload/registers-subject.ts';

it('refuses a plan that contradicts itself, and leaves everything as it was', async () => {
  const { stackTraceLimit } = Error;
  const { random } = Math;
  const plan = drawPlan(1);
  const wrong = runPlan({ ...plan, network: { ...plan.network, loss: 0.7, duplicate: 0.7 } }, registersSubject);
  await expect(wrong).rejects.toMatchObject({ code: 'config_invalid' });
  expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  expect(Math.random).toBe(random);
});
