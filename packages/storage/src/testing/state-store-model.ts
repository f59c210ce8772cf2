import fc from 'fast-check';
import { expect } from 'vitest';
import type { JournalRecord, JournalRetention, StateCommit, StateStore, StateView } from '../state-store.ts';
import { plainRecords, sampleRecord } from './sample-entries.ts';
import { text, textsOf } from './sample-texts.ts';
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

/** A change of a space: a value, or null for none. */
interface Change {
  readonly group: number;
  readonly key: string;
  readonly value: string | null;
}

type Command =
  | { readonly kind: 'commit'; readonly shares: readonly Share[] }
  | { readonly kind: 'stage'; readonly changes: readonly Change[] }
  | { readonly kind: 'install'; readonly group: number; readonly ahead: number; readonly keys: readonly string[] }
  | { readonly kind: 'view'; readonly group: number }
  | { readonly kind: 'reopen' };

const key = fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\u007f'), minLength: 1, maxLength: 3 });

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
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('stage' as const),
      changes: fc.array(
        fc.record({ group: fc.constantFrom(...groups), key, value: fc.option(fc.string({ unit: 'grapheme-ascii', maxLength: 3 })) }),
        { maxLength: 6 },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('install' as const),
      group: fc.constantFrom(...groups),
      ahead: fc.nat(3),
      keys: fc.uniqueArray(key, { maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('view' as const), group: fc.constantFrom(...groups) }) },
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
  committed: Map<string, string>;
  staged: Map<string, string>;
}

/** A view, and what it must show for as long as it is there. */
interface OpenView {
  readonly view: StateView;
  readonly expected: readonly string[];
}

/** Runs random steps on a store and on plain values, and expects both to hold the same after each of them. */
export async function checkStateAgainstModel(makeFixture: MakeStateStoreFixture): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { maxLength: 25 }), retention, async (commands, bounds) => {
      const fixture = await makeFixture();
      const model = new Map<number, ModelState>(groups.map((group) => [group, emptyModel()]));
      const views: OpenView[] = [];
      let store = await fixture.open(bounds);
      try {
        for (const step of commands) {
          if (step.kind === 'reopen') {
            for (const { view } of views.splice(0)) view.close();
            await store.close();
            store = await fixture.open(bounds);
            for (const state of model.values()) state.staged = new Map(state.committed);
          } else if (step.kind === 'commit') await store.commit(step.shares.map((share) => applyToModel(model, bounds, share)));
          else if (step.kind === 'stage') for (const change of step.changes) stage(store, model, change);
          else if (step.kind === 'install') await install(store, model, step);
          else views.push(await openView(store, model, step.group));
          expectEqual(store, model);
          for (const { view, expected } of views) expect(textsOf(view.range())).toEqual(expected);
        }
      } finally {
        for (const { view } of views) view.close();
        await store.close();
        await fixture.dispose?.();
      }
    }),
    { numRuns: 30 },
  );
}

function emptyModel(): ModelState {
  return { applied: 0, start: 1, records: [], committed: new Map(), staged: new Map() };
}

function expectEqual(store: StateStore, model: ReadonlyMap<number, ModelState>): void {
  for (const [group, { applied, start, records, staged }] of model) {
    expect([store.applied(group), store.journalStart(group)]).toEqual([applied, start]);
    expect(plainRecords(store.journal(group, start, 1_000))).toEqual(records);
    const space = store.space(group);
    expect(textsOf(space.range())).toEqual(textsIn(staged));
    expect(textsOf(space.range({ start: text('a\0'), end: text('b'), reverse: true }))).toEqual(
      textsIn(new Map([...staged].filter(([each]) => each >= 'a\0' && each < 'b'))).reverse(),
    );
    for (const each of ['a', 'b\0', 'ab']) expect(space.get(text(each)) === undefined).toBe(!staged.has(each));
  }
}

/** In the order of the keys, which are ASCII. */
function textsIn(pairs: ReadonlyMap<string, string>): string[] {
  return [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([each, value]) => `${each}=${value}`);
}

function stage(store: StateStore, model: ReadonlyMap<number, ModelState>, { group, key, value }: Change): void {
  const { staged } = model.get(group) as ModelState;
  if (value === null) {
    store.space(group).delete(text(key));
    staged.delete(key);
  } else {
    store.space(group).put(text(key), text(value));
    staged.set(key, value);
  }
}

async function install(
  store: StateStore,
  model: ReadonlyMap<number, ModelState>,
  { group, ahead, keys }: Extract<Command, { kind: 'install' }>,
): Promise<void> {
  const state = model.get(group) as ModelState;
  async function* pairs() {
    for (const each of [...keys].sort()) yield [[text(each), text('new')] as const];
  }
  state.applied += ahead;
  await store.install(group, state.applied, pairs());
  Object.assign(state, { start: state.applied + 1, records: [], committed: new Map(keys.map((each) => [each, 'new'])) });
  state.staged = new Map(state.committed);
}

async function openView(store: StateStore, model: ReadonlyMap<number, ModelState>, group: number): Promise<OpenView> {
  const { applied, committed } = model.get(group) as ModelState;
  const view = await store.view(group);
  expect(view.index).toBe(applied);
  return { view, expected: textsIn(committed) };
}

function applyToModel(model: Map<number, ModelState>, bounds: JournalRetention, { group, back, entries }: Share): StateCommit {
  const state = model.get(group) as ModelState;
  const first = Math.max(1, state.applied - back + 1);
  const records = entries.flatMap((length, i) => (length === null ? [] : [sampleRecord(first + i, length)]));
  const applied = first + entries.length - 1;
  if (back < 0) [state.records, state.start] = [[], first];
  state.records.push(...records.filter(({ index }) => index > state.applied));
  state.applied = Math.max(state.applied, applied);
  state.committed = new Map(state.staged);
  while (state.records.length > 0 && isBeyond(bounds, state.records)) state.start = (state.records.shift()?.index ?? 0) + 1;
  return back < 0 ? { group, applied, skipsTo: first - 1, records } : { group, applied, records };
}

function isBeyond({ recordsMax, bytesMax, ageMsMax }: JournalRetention, records: readonly JournalRecord[]): boolean {
  const bytes = records.reduce((sum, { events }) => sum + events.length, 0);
  const age = (records.at(-1)?.time ?? 0) - (records[0]?.time ?? 0);
  return records.length > (recordsMax ?? Infinity) || bytes > (bytesMax ?? Infinity) || age > (ageMsMax ?? Infinity);
}
