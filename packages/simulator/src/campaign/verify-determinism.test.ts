import { expect, it } from 'vitest';
import { examplePlan, exampleReport } from '../../test/reports/example-report.ts';
import type { TraceLine } from '../engine/trace.ts';
import { verifyDeterminism } from './verify-determinism.ts';

const report = exampleReport({ traceHash: 'a' });
const line = (member: number): TraceLine => ({ at: 1, kind: 'durable', member, numbers: [1, 0, 0] });

it('a run that gives the same again is deterministic, and costs one more run', async () => {
  let runs = 0;
  const run = async () => {
    runs++;
    return report;
  };
  expect(await verifyDeterminism(run, report)).toBeNull();
  expect(runs).toBe(1);
});

it('one that does not is run again until it shows in which event', async () => {
  const seen: boolean[] = [];
  const run = async (plan: object, { keepTrace = false } = {}) => {
    expect(plan).toBe(examplePlan);
    seen.push(keepTrace);
    return { ...report, traceHash: 'b', trace: keepTrace ? [line(Math.floor(seen.length / 5))] : null };
  };
  expect(await verifyDeterminism(run, report)).toMatch(/^event 0: "durable" of member 0 .* \(another member\)$/);
  expect(seen).toEqual([false, true, true, true, true]);
});

it('says so where it never differs again', async () => {
  const run = async () => ({ ...report, traceHash: 'b', trace: [line(1)] });
  expect(await verifyDeterminism(run, report)).toBe('the trace was a in one run and b in the next, but 3 more pairs of runs were equal');
});
