import { type Entry, emptyLog, extend, type HardState, type LogShape } from '@flotilla/core';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { LogStore, LogWrite } from '../log-store.ts';
import type { MakeLogStoreFixture } from './log-store-suite.ts';
import { plainEntries, sampleEntries } from './sample-entries.ts';

const groups = [1, 2, 300] as const;

/** A write before it is known where the logs end: `keep` and `count` become indices when it is carried out. */
interface Share {
  readonly group: number;
  readonly hardState: HardState | null;
  /** How many of the last entries to truncate, or null. */
  readonly cut: number | null;
  readonly count: number;
  readonly length: number;
}

type Command =
  | { readonly kind: 'write'; readonly shares: readonly Share[]; readonly wait: boolean }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'compare' };

const share: fc.Arbitrary<Share> = fc.record({
  group: fc.constantFrom(...groups),
  hardState: fc.option(fc.record({ term: fc.nat(9), vote: fc.option(fc.integer({ min: 1, max: 5 })) })),
  cut: fc.option(fc.nat(12)),
  count: fc.nat(10),
  length: fc.constantFrom(0, 1, 200, 5_000),
});

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('write' as const), shares: fc.array(share, { maxLength: 4 }), wait: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'compare' as const }) },
);

interface ModelLog {
  hardState: HardState;
  entries: Entry[];
  term: number;
}

/** Runs random commands on a store and on arrays, and expects both to hold the same after each reopening. */
export async function checkAgainstModel(makeFixture: MakeLogStoreFixture): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 25 }), async (commands) => {
      const fixture = await makeFixture();
      const model = new Map<number, ModelLog>(groups.map((group) => [group, { hardState: { term: 0, vote: null }, entries: [], term: 1 }]));
      let store = await fixture.open();
      let pending: Promise<void>[] = [];
      const settle = async () => {
        await Promise.all(pending);
        pending = [];
      };
      try {
        for (const step of [...commands, { kind: 'reopen' as const }, { kind: 'compare' as const }]) {
          if (step.kind === 'write') {
            pending.push(store.write(step.shares.map((each) => applyToModel(model, each))));
            if (step.wait) await settle();
          } else {
            await settle();
            if (step.kind === 'reopen') {
              await store.close();
              store = await fixture.open();
            } else await compare(store, model);
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

function applyToModel(model: Map<number, ModelLog>, { group, hardState, cut, count, length }: Share): LogWrite {
  const log = model.get(group) as ModelLog;
  if (hardState) log.hardState = hardState;
  const truncateAfter = cut === null ? null : Math.max(0, log.entries.length - cut);
  if (truncateAfter !== null) {
    log.entries.length = truncateAfter;
    log.term++;
  }
  const entries = sampleEntries(log.entries.length + 1, log.entries.length + count, log.term, length);
  log.entries.push(...entries);
  return { group, hardState, truncateAfter, entries };
}

async function compare(store: LogStore, model: ReadonlyMap<number, ModelLog>): Promise<void> {
  for (const [group, { hardState, entries }] of model) {
    const log = entries.reduce<LogShape>((shape, { term }) => extend(shape, term), emptyLog);
    expect(await store.recover(group)).toEqual({ hardState, log, lastTime: entries.at(-1)?.time ?? 0 });
    if (entries.length > 0) expect(plainEntries(store.read(group, 1, entries.length, 10_000_000))).toEqual(entries);
  }
}
