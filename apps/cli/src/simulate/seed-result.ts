import type { RunFailure, RunSize, Totals } from '@flotilla/simulator';

/** How a seed failed. */
export interface SeedFailure extends RunFailure {
  /** The repro file and its timelines; null for a failure that no plan repeats. */
  readonly paths: { readonly repro: string; readonly text: string; readonly page: string } | null;
  readonly from: RunSize | null;
  /** How large the smallest plan is that was found; null where nobody looked for one. */
  readonly to: RunSize | null;
}

/** What became of a seed; plain data, as it comes from another process. */
export interface SeedResult {
  readonly seed: number;
  readonly totals: Totals;
  /** Null where the run gave no report. */
  readonly traceHash: string | null;
  readonly failure: SeedFailure | null;
  /** CPU milliseconds of the runs in `totals`, and of those that made a plan smaller. */
  readonly cpuMs: number;
  readonly shrinkCpuMs: number;
}

/** What a process of seeds says: that it is still at work, or what became of a seed. */
export type SeedMessage = { readonly kind: 'alive' } | { readonly kind: 'done'; readonly result: SeedResult };

/** A size in few words: `3 faults, 20 calls, 5 members`. */
export function describeSize({ faults, calls, members }: RunSize): string {
  return [
    `${faults} ${faults === 1 ? 'fault' : 'faults'}`,
    `${calls} ${calls === 1 ? 'call' : 'calls'}`,
    `${members} ${members === 1 ? 'member' : 'members'}`,
  ].join(', ');
}
