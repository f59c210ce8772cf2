import { expect, it } from 'vitest';
import { drawPlan } from '../../src/plan/draw-plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { shrinkPlan } from '../../src/shrink/shrink-plan.ts';

/** Fails where a power cut of host 2 is followed by a pause, and calls 40 and 43 are made. */
async function run(plan: Plan) {
  const cut = plan.faults.find((fault) => fault.kind === 'power-cut' && fault.slot === 2);
  const pause = plan.faults.find(({ kind, at }) => kind === 'pause' && cut !== undefined && at > cut.at);
  const { without, until } = plan.workload;
  const calls = [40, 43].every((number) => !without.includes(number) && (until ?? Number.POSITIVE_INFINITY) > number);
  return pause !== undefined && calls ? { invariant: 'planted', atMs: pause.at + 1, lastCall: 60 } : null;
}

function planted(): Plan {
  const plan = drawPlan(12, { faults: ['crash', 'partition', 'reset'] });
  const faults = [
    ...plan.faults,
    { at: 3000, kind: 'power-cut', slot: 2, forMs: 5 },
    { at: 4000, kind: 'pause', slot: 0, forMs: 5 },
  ] as const;
  return { ...plan, faults: [...faults].sort((a, b) => a.at - b.at) };
}

it('leaves the faults and calls that it takes, on as few hosts, and nothing unusual besides', async () => {
  const plan = planted();
  const found = await run(plan);
  expect(found).not.toBeNull();
  const small = await shrinkPlan(plan, found as NonNullable<typeof found>, { run, runsMax: 1000 });
  expect(small.faults.map(({ kind }) => kind)).toEqual(['power-cut', 'pause']);
  const made = Array.from({ length: small.workload.until ?? 0 }, (_, number) => number).filter((n) => !small.workload.without.includes(n));
  expect(made).toEqual([40, 43]);
  expect(small).toMatchObject({ members: 1, witnesses: 0, turnMs: 0, limits: {}, workload: { clients: 1, burst: 1 } });
  expect(small.durationMs).toBe(4001);
});

it('stops at its bound, with what it has', async () => {
  const plan = planted();
  let runs = 0;
  const counting = (each: Plan) => {
    runs++;
    return run(each);
  };
  const small = await shrinkPlan(plan, { invariant: 'planted', atMs: 4001, lastCall: 60 }, { run: counting, runsMax: 10 });
  expect(runs).toBe(10);
  expect(await run(small)).not.toBeNull();
});
