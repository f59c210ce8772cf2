import type { Attempt } from './attempt.ts';
import type { Mutant } from './mutant.ts';

/** How a hunt for a mutant ended. */
export interface Hunt {
  /** Which seed caught it, by which invariant and in which words; null where none of them did. */
  readonly caught: { readonly seed: number; readonly invariant: string; readonly message: string } | null;
  /** How many seeds were tried. */
  readonly seeds: number;
  /** Seeds that fail without the mutant, too, and so say nothing of it. */
  readonly failingAnyway: readonly number[];
}

/** Tries one seed after the other until one catches the mutant, and passes with the code as it is. */
export async function hunt(mutant: Mutant, seeds: Iterable<number>, mutated: Attempt, original: Attempt): Promise<Hunt> {
  const failingAnyway: number[] = [];
  let tried = 0;
  for (const seed of seeds) {
    tried++;
    const failure = await mutated(mutant, seed);
    if (failure === null) continue;
    if ((await original(mutant, seed)) === null) {
      const { invariant, message } = failure;
      return { caught: { seed, invariant, message }, seeds: tried, failingAnyway };
    }
    failingAnyway.push(seed);
  }
  return { caught: null, seeds: tried, failingAnyway };
}
