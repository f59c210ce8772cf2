import { expect, it } from 'vitest';
import { drawPlan } from '../../src/plan/draw-plan.ts';
import type { Fault } from '../../src/plan/fault.ts';
import { Stage } from '../../src/run/stage.ts';
import { registersSubject } from '../../src/workload/registers-subject.ts';

/** A disk to which faults happen; nobody uses it. */
function disk(...faults: readonly Fault[]) {
  const stage = new Stage({ ...drawPlan(2, { members: 3, faults: 'none' }), faults }, registersSubject);
  const { profile } = stage.cluster.host(1).disk;
  stage.startNemesis(stage.startOperator());
  return { profile, before: { ...profile }, world: stage.world };
}

it('a disk that was filled twice has its room back', async () => {
  const { profile, before, world } = disk(
    { at: 1000, kind: 'disk-full', slot: 1, forMs: 500 },
    { at: 1200, kind: 'disk-full', slot: 1, forMs: 800 },
  );
  await world.run(1300);
  expect(profile.freeBytes).toBeLessThan(before.freeBytes);
  await world.run(2100);
  expect(profile.freeBytes).toBe(before.freeBytes);
});

it('a disk that was slowed down twice is as fast as before', async () => {
  const { profile, before, world } = disk(
    { at: 1000, kind: 'disk-slow', slot: 1, forMs: 500, factor: 50 },
    { at: 1200, kind: 'disk-slow', slot: 1, forMs: 800, factor: 5 },
  );
  await world.run(1700);
  expect(profile.syncMs).toBeCloseTo(5 * before.syncMs);
  await world.run(2100);
  expect(profile.syncMs).toBeCloseTo(before.syncMs);
  expect(profile.writeMs).toBeCloseTo(before.writeMs);
});

it('a disk stands still until the last stall is over', async () => {
  const { profile, world } = disk(
    { at: 1000, kind: 'disk-stall', slot: 1, forMs: 500 },
    { at: 1200, kind: 'disk-stall', slot: 1, forMs: 800 },
  );
  await world.run(1700);
  expect(profile.stalledUntil).toBe(2000);
});
