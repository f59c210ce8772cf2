import { type Entry, type HardState, type LogBase, lastTerm, termAt } from '@flotilla/core';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { LogStore, LogWrite } from '../log-store.ts';
import { placed } from './log-compaction-suite.ts';
import type { MakeLogStoreFixture } from './log-store-suite.ts';
import { plainEntries, sampleBase, sampleEntries } from './sample-entries.ts';

const groups = [1, 2, 300] as const;

/** A write before it is known where the logs end: relative positions become indices when it is carried out. */
interface Share {
  readonly group: number;
  /** The term as what it rises by: it never falls. */
  readonly hardState: HardState | null;
  /** Where the log is to begin, counted from its end, or null; as one that has the entry there or as one that has another. */
  readonly base: { readonly at: number; readonly conflict: boolean } | null;
  /** How many of the last entries to truncate, or null. */
  readonly cut: number | null;
  readonly count: number;
  readonly length: number;
}

type Command =
  | { readonly kind: 'write'; readonly shares: readonly Share[]; readonly wait: boolean }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'crash' }
  | { readonly kind: 'compare' };

const share: fc.Arbitrary<Share> = fc.record({
  group: fc.constantFrom(...groups),
  hardState: fc.option(
    fc.record(
      { term: fc.nat(2), vote: fc.option(fc.integer({ min: 1, max: 5 })), recovering: fc.constant(true as const) },
      { requiredKeys: ['term', 'vote'] },
    ),
  ),
  base: fc.option(fc.record({ at: fc.integer({ min: -15, max: 5 }), conflict: fc.boolean() }), { freq: 2 }),
  cut: fc.option(fc.nat(12)),
  count: fc.nat(10),
  length: fc.constantFrom(0, 1, 200, 5_000),
});

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('write' as const), shares: fc.array(share, { maxLength: 4 }), wait: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constantFrom({ kind: 'reopen' as const }, { kind: 'crash' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'compare' as const }) },
);

interface ModelLog {
  readonly hardState: HardState;
  readonly base: LogBase | null;
  readonly entries: readonly Entry[];
  /** That of the next entries; one that was never used before after each truncation. */
  readonly term: number;
}

/** Every group's log after so many writes. */
type Model = ReadonlyMap<number, ModelLog>;

/** Runs random commands on a store and on arrays, and expects both to hold the same after each reopening. */
export async function checkAgainstModel(makeFixture: MakeLogStoreFixture): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
      const fixture = await makeFixture();
      let store = await fixture.open();
      /** The last one that is known to be on disk, then one for each write that nobody waited for yet. */
      let models: Model[] = [
        new Map(groups.map((group) => [group, { hardState: { term: 0, vote: null }, base: null, entries: [], term: 1 }])),
      ];
      let pending: Promise<void>[] = [];
      const settle = async () => {
        await Promise.all(pending);
        pending = [];
        models = models.slice(-1);
      };
      try {
        for (const step of [...commands, { kind: 'reopen' as const }, { kind: 'compare' as const }]) {
          if (step.kind === 'write') {
            const { model, writes } = applyToModel(models.at(-1) as Model, step.shares);
            models.push(model);
            pending.push(store.write(writes));
            if (step.wait) await settle();
          } else if (step.kind === 'crash' && fixture.crash) {
            for (const write of pending.splice(0)) write.catch(() => {});
            await fixture.crash();
            store = await fixture.open();
            models = [await survivor(store, models)];
          } else {
            await settle();
            if (step.kind !== 'compare') {
              await store.close();
              store = await fixture.open();
            } else await compare(store, models[0] as Model);
          }
        }
      } finally {
        await store.close();
        await fixture.dispose?.();
      }
    }),
    { numRuns: 50 },
  );
}

function applyToModel(before: Model, shares: readonly Share[]): { readonly model: Model; readonly writes: readonly LogWrite[] } {
  const model = new Map(before);
  const writes = shares.map(({ group, hardState: raised, base: wanted, cut, count, length }) => {
    let { hardState: held, base, entries, term } = model.get(group) as ModelLog;
    if (wanted) {
      const index = Math.max(base?.index ?? 0, lastIndexOf(base, entries) + wanted.at);
      const present = index === (base?.index ?? 0) ? (base?.term ?? 0) : entries.find((entry) => entry.index === index)?.term;
      const keeps = present !== undefined && !wanted.conflict;
      base = sampleBase(index, keeps ? present : ++term);
      entries = keeps ? entries.filter((entry) => entry.index > index) : [];
    }
    const begin = base?.index ?? 0;
    const truncateAfter = cut === null ? null : Math.max(begin, lastIndexOf(base, entries) - cut);
    if (truncateAfter !== null) {
      entries = entries.filter(({ index }) => index <= truncateAfter);
      term++;
    }
    const last = lastIndexOf(base, entries);
    const added = sampleEntries(last + 1, last + count, term, length);
    const hardState = raised && { ...raised, term: held.term + raised.term };
    held = hardState ?? held;
    model.set(group, { hardState: held, base, entries: [...entries, ...added], term });
    return { group, hardState, base: wanted ? base : null, truncateAfter, entries: added };
  });
  return { model, writes };
}

function lastIndexOf(base: LogBase | null, entries: readonly Entry[]): number {
  return entries.at(-1)?.index ?? base?.index ?? 0;
}

/** The model that a disk after a power cut equals: all that was waited for, and of the other writes the first ones. */
async function survivor(store: LogStore, models: readonly Model[]): Promise<Model> {
  const failures: unknown[] = [];
  for (const model of models.toReversed()) {
    try {
      await compare(store, model);
      return model;
    } catch (error) {
      failures.push(error);
    }
  }
  throw new AggregateError(failures, 'after a power cut the logs are none that they ever were');
}

async function compare(store: LogStore, model: Model): Promise<void> {
  for (const [group, { hardState, base, entries }] of model) {
    const { log, ...recovered } = await store.recover(group);
    const lastTime = entries.at(-1)?.time ?? base?.time ?? 0;
    expect(recovered).toEqual({ hardState, base, lastTime, memberships: placed(base, entries), damage: null });
    const [first, last] = [(base?.index ?? 0) + 1, lastIndexOf(base, entries)];
    expect(log).toMatchObject({ snapshotIndex: first - 1, snapshotTerm: base?.term ?? 0, lastIndex: last });
    expect(lastTerm(log)).toBe(entries.at(-1)?.term ?? base?.term ?? 0);
    expect(entries.map(({ index }) => termAt(log, index))).toEqual(entries.map(({ term }) => term));
    if (entries.length > 0) expect(plainEntries(store.read(group, first, last, 10_000_000))).toEqual(entries);
  }
}
