import { expect, it } from 'vitest';
import { exampleReport } from '../../test/reports/example-report.ts';
import type { Plan } from '../plan/plan.ts';
import { parseRepro } from '../repro/repro.ts';
import type { RunReport } from '../run/run-report.ts';
import { runAgain, type SeedSearch, searchSeeds } from './search-seeds.ts';
import { isSimulationFailure, type SimulationFailure } from './simulation-failure.ts';

/** A cluster that cannot bear one kind of fault, without the cluster. */
function fragile(kind: string, fromSeed = 0) {
  const plans: Plan[] = [];
  const written = new Map<string, string>();
  const run = async (plan: Plan): Promise<RunReport> => {
    plans.push(plan);
    const fault = plan.seed >= fromSeed ? plan.faults.find((each) => each.kind === kind) : undefined;
    const failure = fault === undefined ? null : { invariant: 'election-safety', message: 'two lead', hint: 'Look.', atMs: fault.at + 1 };
    return exampleReport({ plan, failure, lastCall: 99, simulatedMs: 1000, calls: { ok: 10, failed: 1, unknown: 0 } });
  };
  const files = {
    read: async (path: string) => written.get(path) ?? '',
    write: async (name: string, text: string) => {
      written.set(`failures/${name}`, text);
      return `failures/${name}`;
    },
  };
  const search: SeedSearch = { run, files, profile: { faults: ['crash', 'reset', 'pause'] }, shrinkRunsMax: 200 };
  return { search, plans, written };
}

async function failureOf(promise: Promise<unknown>): Promise<SimulationFailure> {
  const error = await promise.catch((reason: unknown) => reason);
  if (isSimulationFailure(error)) return error;
  throw new Error(`it gave ${String(error)}`);
}

it('runs seed after seed and adds up what they were', async () => {
  const { search, plans } = fragile('nothing');
  const totals = await searchSeeds({ first: 5, count: 3 }, search);
  expect(plans.map(({ seed }) => seed)).toEqual([5, 6, 7]);
  expect(totals).toMatchObject({ runs: 3, simulatedMs: 3000, calls: { ok: 30, failed: 3, unknown: 0 }, faults: { isolate: 6, crash: 3 } });
});

it('makes the plan of the first seed that fails as small as it gets, and says how to see it again', async () => {
  const { search, written } = fragile('reset', 6);
  const failure = await failureOf(searchSeeds({ first: 5, count: 9 }, search));
  expect(failure).toMatchObject({ code: 'simulation_failed', seed: 6, invariant: 'election-safety' });
  expect(failure.report.plan.faults.map(({ kind }) => kind)).toEqual(['reset']);
  expect(failure.message).toMatch(/^registers fails with seed 6: election-safety at \d+\.\d{3} ms\n {2}two lead\n {2}Look\.\n/);
  expect(failure.message).toMatch(/from \d+ faults, 100 calls, 5 members to 1 fault, 0 calls, 1 member\n/);
  expect(failure.message).toContain('FLOTILLA_SEED=6 ');
  expect(failure.message).toContain('npx flotilla simulate --repro failures/registers-seed-6.repro.json --machine <module>#<export>');
  expect([...written.keys()]).toEqual([
    'failures/registers-seed-6.repro.json',
    'failures/registers-seed-6.timeline.txt',
    'failures/registers-seed-6.timeline.html',
  ]);
  const repro = parseRepro(written.get(failure.paths.repro) ?? '');
  expect(repro.plan).toEqual(failure.report.plan);
  expect(repro.from).toMatchObject({ seed: 6, shrunkFrom: { calls: 100, members: 5 } });
});

it('leaves the plan as it is where nobody wants it smaller', async () => {
  const { search, plans } = fragile('reset');
  const failure = await failureOf(searchSeeds({ first: 6, count: 1 }, { ...search, shrinkRunsMax: 0 }));
  expect(plans).toHaveLength(1);
  expect(failure.message).toContain('not made smaller: ');
});

it('runs a repro again, and only with the machine that it was found in', async () => {
  const { search, written } = fragile('reset');
  const { paths } = await failureOf(searchSeeds({ first: 6, count: 1 }, search));
  const again = { path: paths.repro, repro: parseRepro(written.get(paths.repro) ?? '') };
  const machine = { name: 'registers', version: 1 };
  const failure = await failureOf(runAgain(again, machine, search));
  expect(failure.paths.repro).toBe(paths.repro);
  expect(await runAgain(again, machine, fragile('nothing').search)).toMatchObject({ runs: 1 });
  await expect(runAgain(again, { ...machine, version: 2 }, search)).rejects.toMatchObject({ code: 'repro_machine' });
});
