import { FlotillaError } from '@flotilla/core';
import { faultFamilies } from './draw-fault.ts';
import type { PlanProfile } from './draw-plan.ts';

/** What a simulation can be asked for: far beyond what is useful, and still something that ends. */
const bounds = {
  members: { min: 1, max: 31, whole: true },
  durationMs: { min: 1, max: 24 * 3_600_000, whole: false },
  ratePerSecond: { min: 0.001, max: 100_000, whole: false },
  clients: { min: 1, max: 10_000, whole: true },
} as const;

/** Throws `config_invalid` for a profile of which no plan can be drawn. */
export function checkProfile(profile: PlanProfile): void {
  for (const [name, { min, max, whole }] of Object.entries(bounds)) {
    const value = profile[name as keyof typeof bounds];
    if (value === undefined || (value >= min && value <= max && (!whole || Number.isInteger(value)))) continue;
    throw invalid(`${name} is ${value}`, `Set it to a ${whole ? 'whole ' : ''}number from ${min} to ${max}.`);
  }
  const known: readonly string[] = Object.values(faultFamilies).flat();
  const { faults = 'all' } = profile;
  if (typeof faults === 'string') {
    if (faults !== 'all' && faults !== 'none') throw invalid(`faults is "${faults}"`, 'Use "all", "none", or a list of kinds.');
    return;
  }
  const unknown = faults.find((kind) => !known.includes(kind));
  if (unknown !== undefined) throw invalid(`there is no fault "${unknown}"`, `There are: ${known.join(', ')}.`);
}

/** Throws `config_invalid` for what is no seed, or no number of them. */
export function checkSeeds(first: number, count: number): void {
  if (!Number.isSafeInteger(first)) throw invalid(`the seed is ${first}`, 'Use a whole number.');
  if (!Number.isSafeInteger(count) || count < 1) throw invalid(`the number of seeds is ${count}`, 'Use a whole number of at least 1.');
}

function invalid(message: string, hint: string): FlotillaError {
  return new FlotillaError('config_invalid', message, hint);
}
