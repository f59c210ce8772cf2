import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Bundle, bundleProgram, type Edit } from '../faults/bundle-program.ts';
import { corruptionCampaign } from './corruption-campaign.ts';

const scratch = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'flotilla-corruption-'));
const bundles: Bundle[] = [];

afterAll(async () => {
  rmSync(scratch, { recursive: true, force: true });
  for (const { remove } of bundles) await remove();
});

async function bundle(edits: readonly Edit[]): Promise<string> {
  const built = await bundleProgram(join(import.meta.dirname, 'program.ts'), edits);
  bundles.push(built);
  return built.program;
}

test('no damage makes a member say what is not so, nor kills it, and the verification finds it', async () => {
  const { stores, outcomes, overlooked } = await corruptionCampaign({
    program: await bundle([]),
    seed: 2,
    corruptions: 40,
    scratch: join(scratch, 'right'),
  });
  expect(stores.filter(({ examined }) => examined.outcome === 'wrong')).toEqual([]);
  expect(overlooked).toEqual([]);
  expect(stores[0]?.examined.outcome).toBe('harmless');
  expect(outcomes.healed).toBeGreaterThan(0);
  expect(outcomes.refused).toBeGreaterThan(0);
}, 120_000);

test('finds a store out that does not look at its checksums', async () => {
  const edit = { file: 'src/log-record.ts', from: 'group) !== checksum', to: 'group) + checksum < 0' };
  const { outcomes } = await corruptionCampaign({
    program: await bundle([edit]),
    seed: 2,
    corruptions: 20,
    scratch: join(scratch, 'planted'),
  });
  expect(outcomes.wrong).toBeGreaterThan(0);
}, 120_000);
