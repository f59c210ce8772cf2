import { expect, it } from 'vitest';
import { faultFamilies } from '../../src/plan/draw-fault.ts';
import { drawPlan } from '../../src/plan/draw-plan.ts';
import { runPlan } from '../../src/run/run-plan.ts';
import { registersSubject } from '../../src/workload/registers-subject.ts';

const kinds = Object.values(faultFamilies).flat();

it.each(kinds)('%s happens, and a cluster bears it', async (kind) => {
  let happened = 0;
  for (let seed = 1; seed <= 5 && happened === 0; seed++) {
    const report = await runPlan(drawPlan(seed, { durationMs: 4000, ratePerSecond: 100, faults: [kind] }), registersSubject);
    expect(report.failure, `seed ${seed}`).toBeNull();
    expect(report.linearizability.verdict).toBe('linearizable');
    happened = report.faults.get(kind) ?? 0;
  }
  expect(happened).toBeGreaterThan(0);
});

it('a cluster of one, of three with a witness, and of seven', async () => {
  for (const members of [1, 3, 7]) {
    const plan = drawPlan(members, { members, durationMs: 3000, faults: ['crash', 'power-cut', 'pause', 'snapshot'] });
    const report = await runPlan({ ...plan, witnesses: members === 3 ? 1 : 0 }, registersSubject);
    expect(report.failure, `${members} members`).toBeNull();
    expect(report.calls.ok).toBeGreaterThan(10);
  }
});
