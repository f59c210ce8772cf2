import fc from 'fast-check';
import { expect, it } from 'vitest';
import { examplePlan } from '../../test/reports/example-report.ts';
import { drawPlan } from '../plan/draw-plan.ts';
import type { Fault } from '../plan/fault.ts';
import { faultKinds } from './read-fault.ts';
import { parseRepro, type Repro, reproText, sizeOf } from './repro.ts';

const repro: Repro = {
  machine: { name: 'registers', version: 1 },
  plan: examplePlan,
  failure: { invariant: 'election-safety', message: 'two lead', hint: 'Look.', atMs: 12.5 },
  traceHash: '0123456789abcdef',
  from: { seed: 7, shrunkFrom: { faults: 23, calls: 3000, members: 5 } },
};

const written = (change: (file: Record<string, never>) => unknown) => {
  const file = JSON.parse(reproText(repro)) as Record<string, never>;
  change(file);
  return JSON.stringify(file);
};

it('gives back what was written, whatever the plan', () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom('all' as const, 'none' as const, faultKinds), (seed, faults) => {
      const drawn: Repro = { ...repro, plan: drawPlan(seed, { faults }), from: { seed, shrunkFrom: null } };
      expect(parseRepro(reproText(drawn))).toEqual(drawn);
    }),
    { numRuns: 50 },
  );
});

it('what was never one is told from what was', () => {
  expect(() => parseRepro('')).toThrow(expect.objectContaining({ code: 'repro_not_json' }));
  expect(() => parseRepro('null')).toThrow(expect.objectContaining({ code: 'repro_foreign' }));
  expect(() => parseRepro('{"format":"other"}')).toThrow(expect.objectContaining({ code: 'repro_foreign' }));
  const newer = written((file) => Object.assign(file, { version: 2 }));
  expect(() => parseRepro(newer)).toThrow(
    expect.objectContaining({ code: 'repro_version', message: 'the repro file has version 2; this release reads version 1' }),
  );
});

it.each<[string, (file: Record<string, Record<string, unknown>>) => unknown]>([
  ['repro.plan.seed is "7", and should be a whole number', ({ plan }) => Object.assign(plan ?? {}, { seed: '7' })],
  ['repro.plan.members is missing, and should be a whole number of at least 1', ({ plan }) => delete plan?.members],
  ['repro.plan.colour is "red", and should be absent', ({ plan }) => Object.assign(plan ?? {}, { colour: 'red' })],
  ['repro.plan.raft.electionTimeoutMs is -1, and should be', ({ plan }) => Object.assign(plan ?? {}, { raft: { electionTimeoutMs: -1 } })],
  ['repro.plan.limits.other is 1, and should be absent', ({ plan }) => Object.assign(plan ?? {}, { limits: { other: 1 } })],
  ['repro.plan.builds is [], and should be', ({ plan }) => Object.assign(plan ?? {}, { builds: [] })],
  [
    'repro.plan.network.loss is 2, and should be a number of at least 0 and at most 1',
    ({ plan }) => Object.assign(plan?.network ?? {}, { loss: 2 }),
  ],
  ['repro.plan.workload.without[1] is null, and should be', ({ plan }) => Object.assign(plan?.workload ?? {}, { without: [1, null] })],
  ['repro.plan.faults is {}, and should be a list', ({ plan }) => Object.assign(plan ?? {}, { faults: {} })],
  ['repro.failure is null, and should be an object', (file) => Object.assign(file, { failure: null })],
  ['repro.from.shrunkFrom.calls is missing', ({ from }) => Object.assign(from ?? {}, { shrunkFrom: { faults: 1, members: 1 } })],
])('%s', (message, change) => {
  const file = written(change as (file: Record<string, never>) => unknown);
  expect(() => parseRepro(file)).toThrow(expect.objectContaining({ code: 'repro_malformed', message: expect.stringContaining(message) }));
});

it.each<[string, readonly unknown[]]>([
  ['repro.plan.faults[0].kind is "flood", and should be one of crash', [{ at: 1, kind: 'flood' }]],
  ['repro.plan.faults[0].slot is missing', [{ at: 1, kind: 'reset' }]],
  ['repro.plan.faults[0].forMs is 5, and should be absent', [{ at: 1, kind: 'reset', slot: 0, forMs: 5 }]],
  ['repro.plan.faults[0].sides[1][0] is "2", and should be', [{ at: 1, kind: 'partition', forMs: 5, sides: [[0], ['2']] }]],
  [
    'repro.plan.faults[1].at is 4, and should be at least as late',
    [
      { at: 5, kind: 'reset', slot: 0 },
      { at: 4, kind: 'reset', slot: 0 },
    ],
  ],
])('%s', (message, faults) => {
  const file = written(({ plan }) => Object.assign(plan ?? {}, { faults: faults as readonly Fault[] }));
  expect(() => parseRepro(file)).toThrow(expect.objectContaining({ code: 'repro_malformed', message: expect.stringContaining(message) }));
});

it('counts the calls that a run made, without those that it left out', () => {
  const { workload } = examplePlan;
  expect(sizeOf({ plan: examplePlan, lastCall: 99 })).toEqual({ faults: 5, calls: 100, members: 3 });
  const fewer = { ...examplePlan, workload: { ...workload, until: 50, without: [1, 2, 70] } };
  expect(sizeOf({ plan: fewer, lastCall: 99 }).calls).toBe(48);
});
