import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseRepro } from '../../src/repro/repro.ts';
import { runPlan } from '../../src/run/run-plan.ts';
import { registersSubject } from '../../src/workload/registers-subject.ts';

const directory = join(import.meta.dirname, 'repros');

it.each(readdirSync(directory))('what campaigns found does not come back: %s', async (file) => {
  const { plan } = parseRepro(readFileSync(join(directory, file), 'utf8'));
  expect((await runPlan(plan, registersSubject)).failure).toBeNull();
});
