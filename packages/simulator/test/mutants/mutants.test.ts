import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Attempt } from './attempt.ts';
import { catalogue, hunt, Workshop } from './campaign.ts';
import { MutantError } from './mutant-error.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** Where the simulator has changed, a seed stands for another run: then one of the next catches it. */
const nextSeeds = 20;

describe('the simulator notices', () => {
  let workshop: Workshop;
  let original: Attempt;
  beforeAll(async () => {
    workshop = await Workshop.open(root);
    original = await workshop.build([]);
  });
  afterAll(() => workshop.close());

  it.each(catalogue.map((mutant) => [mutant.name, mutant] as const))('%s', { timeout: 60_000 }, async (_, mutant) => {
    const seeds = Array.from({ length: 1 + nextSeeds }, (_, i) => mutant.seed + i);
    const { caught } = await hunt(mutant, seeds, await workshop.build(mutant.edits), original);
    expect(mutant.caughtBy, `${mutant.name} is caught by another invariant: ${caught?.message}`).toContain(caught?.invariant);
  });

  it('a mutant that does not fit the code any more', async () => {
    const gone = { file: 'core/src/decide.ts', find: 'there is no such text', replace: '' };
    await expect(workshop.build([gone])).rejects.toThrow('core/src/decide.ts has "there is no such text" 0 times, not once');
    const everywhere = { file: 'core/src/decide.ts', find: 'step', replace: '' };
    await expect(workshop.build([everywhere])).rejects.toThrow(MutantError);
    const elsewhere = { file: 'gateway-http/src/app.ts', find: 'Adds the routes of an app', replace: '' };
    await expect(workshop.build([elsewhere])).rejects.toThrow('/gateway-http/src/app.ts is no part of what hosts and clients run');
  });
});
