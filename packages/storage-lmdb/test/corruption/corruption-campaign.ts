import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBatch } from '../faults/run-batch.ts';
import type { Corruption } from './corruptions.ts';
import type { Examined, Outcome } from './examine.ts';
import { buildKnownStores } from './known-store.ts';
import type { Corrupted, Verified } from './program.ts';

export interface CorruptionOptions {
  /** `program.ts` as one file that Node can run. */
  readonly program: string;
  readonly seed: number;
  readonly corruptions: number;
  /** Where the directories go, best in memory; those that show a problem stay. */
  readonly scratch: string;
}

export interface CorruptedStore {
  readonly number: number;
  readonly corruption: Corruption;
  /** Whether a reader of LMDB notices it. */
  readonly touchesLiveData: boolean;
  /** What the verification found, before anybody started on the store. */
  readonly verified: Verified;
  readonly examined: Examined;
}

export interface CorruptionCampaign {
  /** The first of them is not damaged. */
  readonly stores: readonly CorruptedStore[];
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Where the verification died, found nothing in what is wrong, or something in what is right. */
  readonly overlooked: readonly CorruptedStore[];
}

/** Damages stores of known content, each in one way, and starts on each of them. */
export async function corruptionCampaign({ program, seed, corruptions, scratch }: CorruptionOptions): Promise<CorruptionCampaign> {
  mkdirSync(scratch, { recursive: true });
  const known = join(scratch, 'known.json');
  writeFileSync(known, JSON.stringify(await buildKnownStores(scratch, seed)));
  const numbers = Array.from({ length: corruptions + 1 }, (_, i) => i);
  const diedOfDump = (number: number, digest: string): Corrupted => ({ corruption: corruptionOf(scratch, number), digest });
  const corrupted = await runBatch(program, ['corrupt', known, scratch], numbers, diedOfDump);
  const diedOfVerify = (_number: number, how: string): Verified => [how];
  const verified = await runBatch(program, ['verify', known, scratch], numbers, diedOfVerify);
  const diedOfStart = (_number: number, detail: string): Examined => ({ outcome: 'wrong', detail });
  const examined = await runBatch(program, ['examine', known, scratch], numbers, diedOfStart);
  const healthy = corrupted.get(0)?.digest;
  const stores = numbers.map((number): CorruptedStore => {
    const { corruption, digest } = corrupted.get(number) as Corrupted;
    return {
      number,
      corruption,
      touchesLiveData: digest !== healthy,
      verified: verified.get(number) ?? [],
      examined: examined.get(number) as Examined,
    };
  });
  const outcomes: Record<Outcome, number> = { harmless: 0, healed: 0, refused: 0, wrong: 0 };
  for (const { number, examined } of stores) {
    if (number > 0) outcomes[examined.outcome]++;
    if (examined.outcome !== 'wrong') rmSync(join(scratch, `${number}`), { recursive: true, force: true });
  }
  return { stores, outcomes, overlooked: stores.filter(isOverlooked) };
}

/**
 * What nobody notices may be reported all the same: the older of two meta pages, say. An older copy of a file that only lags behind,
 * or of everything, is consistent in itself.
 */
function isOverlooked({ number, corruption: { kind, what }, touchesLiveData, verified }: CorruptedStore): boolean {
  if (verified.some((problem) => /^(died|hung|exit code)/.test(problem))) return true;
  const isConsistent =
    kind === 'directory older' || (kind === 'older' && what !== 'log.mdb') || (kind === 'deleted' && what === 'peers.json');
  if (number === 0) return verified.length > 0;
  return touchesLiveData && !isConsistent && verified.length === 0;
}

function corruptionOf(scratch: string, number: number): Corruption {
  return JSON.parse(readFileSync(join(scratch, `${number}.json`), 'utf8'));
}
