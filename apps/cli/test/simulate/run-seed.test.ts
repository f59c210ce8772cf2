import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRepro, type Subject } from '@flotilla/simulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kvSubject } from '../../src/simulate/kv-subject.ts';
import { runSeed } from '../../src/simulate/run-seed.ts';
import type { SeedSettings } from '../../src/simulate/simulate-options.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-simulate-'));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

const settings = (): SeedSettings => ({
  machine: 'kv',
  profile: { members: 3, durationMs: 1500, ratePerSecond: 60, faults: ['crash', 'partition'] },
  verifyDeterminism: true,
  shrinkRunsMax: 60,
  directory,
});

it('a seed is the same run each time', async () => {
  let runs = 0;
  const result = await runSeed(5, kvSubject, settings(), () => runs++);
  expect(result).toMatchObject({ seed: 5, failure: null, totals: { runs: 2 } });
  expect(result.totals.operationsChecked).toBeGreaterThan(20);
  expect(runs).toBe(2);
});

it('a seed that fails becomes small, and is written down', async () => {
  const fragile: Subject = {
    ...kvSubject,
    workload: (draw) => {
      if (draw.serial >= 20) throw new Error('the twentieth call is one too many');
      return kvSubject.workload(draw);
    },
  };
  const { failure } = await runSeed(5, fragile, { ...settings(), verifyDeterminism: false });
  expect(failure).toMatchObject({ invariant: 'crash', message: 'the twentieth call is one too many', to: { faults: 0, members: 1 } });
  expect(failure?.from?.members).toBe(3);
  const repro = parseRepro(readFileSync(failure?.paths?.repro ?? '', 'utf8'));
  expect(repro).toMatchObject({ machine: { name: 'kv', version: 1 }, plan: { faults: [], members: 1 }, from: { seed: 5 } });
  expect(readFileSync(failure?.paths?.text ?? '', 'utf8')).toContain('FAILED at ');
  expect(readFileSync(failure?.paths?.page ?? '', 'utf8')).toContain('<title>kv, seed 5</title>');
});

it('names the first event in which two runs of one seed differ', async () => {
  let calls = 0;
  const forgetful: Subject = {
    ...kvSubject,
    workload: (draw) => kvSubject.workload({ ...draw, random: draw.random.fork(calls++ > 30 ? 'later' : 'first') }),
  };
  const { failure } = await runSeed(5, forgetful, settings());
  expect(failure).toMatchObject({ invariant: 'reproducibility', paths: null });
  expect(failure?.message).toMatch(/^two runs of one plan differ: /);
});
