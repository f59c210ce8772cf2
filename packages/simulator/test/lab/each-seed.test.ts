import { expect, it } from 'vitest';
import { eachSeed, runSeed } from './each-seed.ts';
import { genericService } from './generic-service.ts';
import type { Lab } from './lab.ts';

const trouble = { clients: 3, unreliable: true, crash: true, partitions: true };

it('a seed decides everything', async () => {
  const run = (seed: number) => runSeed(seed, { servers: 5, snapshotBytes: 1000 }, (lab: Lab) => genericService(lab, trouble));
  const hash = await run(7);
  expect(await run(7)).toBe(hash);
  expect(await run(8)).not.toBe(hash);
});

it('a seed that fails is named, and how to repeat it', async () => {
  const failing = eachSeed({ servers: 3 }, async (lab) => {
    lab.checkNoLeader();
    await lab.checkOneLeader();
    lab.checkNoLeader();
  });
  await expect(failing).rejects.toThrow(/^seed \d+, at [\d.]+ simulated ms: server \d leads, .*\nRepeat it with FLOTILLA_LAB_SEED=\d+\.$/);
});
