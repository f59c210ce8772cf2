import fc from 'fast-check';
import { defaultRaftConfig, type MemberId, type RaftConfig } from '../../src/index.ts';
import type { ClusterOptions } from '../cluster/cluster.ts';

/** What a run begins with. */
export interface Setup {
  readonly size: number;
  readonly config: RaftConfig;
  readonly options: Required<Pick<ClusterOptions, 'witnesses' | 'joiners'>> & ClusterOptions;
}

/** Small windows, so that short runs meet their limits. */
const smallWindows: RaftConfig = {
  ...defaultRaftConfig,
  appendEntriesMax: 2,
  appendBytesMax: 5,
  inflightAppendsMax: 3,
  inflightEntriesMax: 4,
  inflightBytesMax: 8,
  uncommittedEntriesMax: 30,
  pendingReadsMax: 3,
  snapshotChunkBytesMax: 25,
  trailingEntries: 2,
};

const joinersMax = 3;

/**
 * `size` founders and three who may join them, the last of those a witness. Clocks differ in speed as much as leases allow; some
 * runs have a founding witness, priorities, a group that may sleep, or a log that keeps nothing behind a snapshot.
 */
export const setup = (size: number): fc.Arbitrary<Setup> => {
  const ids: MemberId[] = Array.from({ length: size + joinersMax }, (_, i) => i + 1);
  const each = <T>(arbitrary: fc.Arbitrary<T>) =>
    fc.tuple(...ids.map(() => arbitrary)).map((values) => new Map(ids.map((id, i) => [id, values[i] as T])));
  const fast = (100 + defaultRaftConfig.leaseDriftPercent) / 100;
  return fc
    .record({
      hasWitness: fc.constantFrom(false, false, size >= 3),
      sleeps: fc.constantFrom(false, false, true),
      trailingEntries: fc.constantFrom(0, 2, 5),
      clockRates: each(fc.constantFrom(1, (1 + fast) / 2, fast)),
      priorities: fc.oneof(fc.constant(new Map()), fc.constant(new Map()), each(fc.nat(2))),
    })
    .map(({ hasWitness, sleeps, trailingEntries, clockRates, priorities }) => ({
      size,
      config: { ...smallWindows, trailingEntries, quiesceAfterMs: sleeps ? 250 : 0 },
      options: {
        witnesses: [...(hasWitness ? [size] : []), size + joinersMax],
        joiners: ids.slice(size),
        clockRates,
        priorities,
        slowSnapshots: true,
      },
    }));
};
