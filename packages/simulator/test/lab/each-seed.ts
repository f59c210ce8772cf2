import { Lab } from './lab.ts';
import type { LabSettings } from './lab-plan.ts';

/** Simulated milliseconds after which a test hangs. */
const endMs = 600_000;

/** How long a test may take in all its seeds, in milliseconds of this machine. */
export const testTimeoutMs = 600_000;

/**
 * Runs a test of the course once for each seed. `FLOTILLA_LAB_SEEDS` is how many there are, 100 where it is absent;
 * `FLOTILLA_LAB_SEED` picks a single one, to repeat it.
 */
export async function eachSeed(settings: LabSettings, script: (lab: Lab) => Promise<void>): Promise<void> {
  const all = seeds();
  const { stackTraceLimit } = Error;
  // Servers in trouble make many errors, and taking down where costs more than all the rest: only who repeats a seed wants to know.
  if (all.length > 1) Error.stackTraceLimit = 0;
  try {
    for (const seed of all) await runSeed(seed, settings, script);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Returns the hash of everything that happened. */
export async function runSeed(seed: number, settings: LabSettings, script: (lab: Lab) => Promise<void>): Promise<string> {
  const lab = new Lab(seed, settings);
  try {
    await lab.world.settled(perform(lab, script), endMs);
    await lab.judge();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const place = `seed ${seed}, at ${lab.world.now.toFixed(1)} simulated ms`;
    throw new Error(`${place}: ${message}\nRepeat it with FLOTILLA_LAB_SEED=${seed}.`, { cause: error });
  }
  return lab.world.trace.hash;
}

async function perform(lab: Lab, script: (lab: Lab) => Promise<void>): Promise<void> {
  await lab.start(...lab.all);
  await script(lab);
  await lab.finish();
}

function seeds(): readonly number[] {
  const { FLOTILLA_LAB_SEED: single, FLOTILLA_LAB_SEEDS: count = '100' } = process.env;
  if (single !== undefined) return [Number(single)];
  return Array.from({ length: Number(count) }, (_, seed) => seed + 1);
}
