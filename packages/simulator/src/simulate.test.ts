import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isSimulationFailure, type SimulationFailure } from './campaign/simulation-failure.ts';
import { type SimulateOptions, simulate } from './simulate.ts';
import { registersSubject } from './workload/registers-subject.ts';
import type { Workload } from './workload/workload.ts';

const { machine, ...subject } = registersSubject;
const small = { ...subject, members: 3, durationMs: 1000, ratePerSecond: 100, faults: 'none', environment: {} } satisfies SimulateOptions;

let reproDirectory: string;

beforeEach(() => {
  reproDirectory = mkdtempSync(join(tmpdir(), 'flotilla-simulate-'));
});

afterEach(() => rmSync(reproDirectory, { recursive: true, force: true }));

/** Fails at the tenth call of any run. */
const brittle: Workload = (draw) => {
  if (draw.serial === 10) throw new Error('ten is too many');
  return subject.workload(draw);
};

async function failureWith(options: Partial<SimulateOptions>): Promise<SimulationFailure> {
  const error = await simulate(machine, { ...small, workload: brittle, reproDirectory, ...options }).catch((reason: unknown) => reason);
  if (isSimulationFailure(error)) return error;
  throw new Error(`it gave ${JSON.stringify(error)}`);
}

it('runs the seeds that it is given, or those of the environment', async () => {
  expect(await simulate(machine, { ...small, seeds: 2 })).toMatchObject({ runs: 2 });
  expect(await simulate(machine, { ...small, seeds: 5, environment: { FLOTILLA_SEED: '9' } })).toMatchObject({ runs: 1 });
  expect(await simulate(machine, { ...small, environment: { FLOTILLA_SEED: '9', FLOTILLA_SEEDS: '2' } })).toMatchObject({ runs: 2 });
  expect((await failureWith({ seed: 4, shrinkRunsMax: 0 })).seed).toBe(4);
  expect((await failureWith({ seed: 4, shrinkRunsMax: 0, environment: { FLOTILLA_SEED: '9' } })).seed).toBe(9);
});

it('an environment that says nothing sensible is refused', async () => {
  const wrong = simulate(machine, { ...small, environment: { FLOTILLA_SEEDS: 'many' } });
  await expect(wrong).rejects.toMatchObject({ code: 'config_invalid', message: 'FLOTILLA_SEEDS is "many"' });
});

it('writes what it takes to see a failure again, and runs that', async () => {
  const { report, paths } = await failureWith({ shrinkRunsMax: 20 });
  expect(report.failure).toMatchObject({ invariant: 'crash', message: 'ten is too many' });
  expect(readFileSync(paths.page, 'utf8')).toContain('ten is too many');
  const environment = { FLOTILLA_REPRO: paths.repro };
  const again = await failureWith({ environment });
  expect(again.report).toMatchObject({ traceHash: report.traceHash, plan: report.plan });
  expect(await simulate(machine, { ...small, environment, reproDirectory })).toMatchObject({ runs: 1 });
});
