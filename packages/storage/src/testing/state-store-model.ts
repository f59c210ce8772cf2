import fc from 'fast-check';
import { expect } from 'vitest';
import type { JournalRecord, JournalRetention, StateCommit } from '../state-store.ts';
import { plainRecords, sampleRecord } from './sample-entries.ts';
import type { MakeStateStoreFixture } from './state-store-suite.ts';

const groups = [1, 7] as const;

/**
 * A commit relative to the applied index: `back` entries are committed again, or where it is negative so many skipped; each
 * new one has a record or none.
 */
interface Share {
  readonly group: number;
  readonly back: number;
  readonly entries: readonly (number | null)[];
}

type Command = { readonly kind: 'commit'; readonly shares: readonly Share[] } | { readonly kind: 'reopen' };

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('commit' as const),
      shares: fc.array(
        fc.record({
          group: fc.constantFrom(...groups),
          back: fc.oneof({ weight: 5, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.integer({ min: -9, max: -1 }) }),
          entries: fc.array(fc.option(fc.nat(50)), { maxLength: 8 }),
        }),
        { maxLength: 3 },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
);

const retention: fc.Arbitrary<JournalRetention> = fc.record(
  { recordsMax: fc.nat(12), bytesMax: fc.nat(300), ageMsMax: fc.nat(20) },
  { requiredKeys: [] },
);

interface ModelState {
  applied: number;
  start: number;
  records: JournalRecord[];
}

/** Runs random commits on a store and on arrays, and expects both to hold the same after each of them. */
export async function checkStateAgainstModel(makeFixture: MakeStateStoreFixture): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 25 }), retention, async (commands, bounds) => {
      const fixture = await makeFixture();
      const model = new Map<number, ModelState>(groups.map((group) => [group, { applied: 0, start: 1, records: [] }]));
      let store = await fixture.open(bounds);
      try {
        for (const step of commands) {
          if (step.kind === 'reopen') {
            await store.close();
            store = await fixture.open(bounds);
          } else await store.commit(step.shares.map((share) => applyToModel(model, bounds, share)));
          for (const [group, { applied, start, records }] of model) {
            expect([store.applied(group), store.journalStart(group)]).toEqual([applied, start]);
            expect(plainRecords(store.journal(group, start, 1_000))).toEqual(records);
          }
        }
      } finally {
        await store.close();
        await fixture.dispose?.();
      }
    }),
    { numRuns: 30 },
  );
}

function applyToModel(model: Map<number, ModelState>, bounds: JournalRetention, { group, back, entries }: Share): StateCommit {
  const state = model.get(group) as ModelState;
  const first = Math.max(1, state.applied - back + 1);
  const records = entries.flatMap((length, i) => (length === null ? [] : [sampleRecord(first + i, length)]));
  const applied = first + entries.length - 1;
  if (back < 0) [state.records, state.start] = [[], first];
  state.records.push(...records.filter(({ index }) => index > state.applied));
  state.applied = Math.max(state.applied, applied);
  while (state.records.length > 0 && isBeyond(bounds, state.records)) state.start = (state.records.shift()?.index ?? 0) + 1;
  return back < 0 ? { group, applied, skipsTo: first - 1, records } : { group, applied, records };
}

function isBeyond({ recordsMax, bytesMax, ageMsMax }: JournalRetention, records: readonly JournalRecord[]): boolean {
  const bytes = records.reduce((sum, { events }) => sum + events.length, 0);
  const age = (records.at(-1)?.time ?? 0) - (records[0]?.time ?? 0);
  return records.length > (recordsMax ?? Infinity) || bytes > (bytesMax ?? Infinity) || age > (ageMsMax ?? Infinity);
}
