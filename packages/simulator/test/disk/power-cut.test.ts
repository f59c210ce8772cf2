import type { Entry, HardState } from '@flotilla/core';
import type { LogStore } from '@flotilla/storage';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SimDisk } from '../../src/disk/sim-disk.ts';
import { World } from '../../src/engine/world.ts';
import { entries, type LogSummary, logWrite, readLog, summaryOf } from './log-writes.ts';
import { Machine } from './machine.ts';

const groups = [1, 2] as const;

interface Step {
  readonly group: number;
  /** How many of the last entries go first. */
  readonly cut: number;
  readonly count: number;
  readonly votes: boolean;
  /** How long to wait before the next one, in milliseconds. */
  readonly wait: number;
}

interface Life {
  readonly steps: readonly Step[];
  readonly end: 'power cut' | 'kill';
}

const step: fc.Arbitrary<Step> = fc.record({
  group: fc.constantFrom(...groups),
  cut: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(4) }),
  count: fc.nat(5),
  votes: fc.boolean(),
  wait: fc.constantFrom(0, 0.1, 0.3, 0.6, 1, 3),
});

const lives: fc.Arbitrary<readonly Life[]> = fc.array(
  fc.record({ steps: fc.array(step, { maxLength: 12 }), end: fc.constantFrom('power cut', 'kill') }),
  { minLength: 1, maxLength: 5 },
);

/** Both logs after so many writes. */
type Model = readonly { readonly hardState: HardState; readonly log: readonly Entry[]; readonly term: number }[];

const emptyModel: Model = groups.map(() => ({ hardState: { term: 0, vote: null }, log: [], term: 1 }));

function summary(model: Model): LogSummary[] {
  return model.map(({ hardState, log }) => summaryOf(hardState, log));
}

async function stored(store: LogStore): Promise<LogSummary[]> {
  return Promise.all(groups.map((group) => readLog(store, group)));
}

function durable(disk: SimDisk): LogSummary[] {
  return groups.map((group) => {
    const { hardState, log, entry } = disk.durable(group);
    const indexes = Array.from({ length: log.lastIndex }, (_, i) => i + 1);
    return summaryOf(
      hardState,
      indexes.map((index) => entry.call(disk.durable(group), index) as Entry),
    );
  });
}

function carryOut(model: Model, { group, cut, count, votes }: Step) {
  const { hardState, log, term } = model[group - 1] as Model[number];
  const kept = log.slice(0, Math.max(0, log.length - cut));
  const newTerm = cut > 0 ? term + 1 : term;
  const added = entries(kept.length + 1, kept.length + count, newTerm);
  // A write of nothing resolves before those that are under way, so each has something.
  const vote = votes || count === 0 ? { term: hardState.term + 1, vote: group } : null;
  const after: Model = model.map((each, i) =>
    i === group - 1 ? { hardState: vote ?? hardState, log: [...kept, ...added], term: newTerm } : each,
  );
  return { after, write: logWrite(group, { hardState: vote, truncateAfter: cut > 0 ? kept.length : null, entries: added }) };
}

/** Positions in `models` that equal what was found: several may, where a write changed nothing. */
function positions(models: readonly Model[], found: readonly LogSummary[]): number[] {
  const wanted = JSON.stringify(found);
  return models.flatMap((model, i) => (JSON.stringify(summary(model)) === wanted ? [i] : []));
}

test.each([true, false])(
  'a resolved write is there, any other wholly or not at all, in order (writes through: %s)',
  async (writesThrough) => {
    await fc.assert(
      fc.asyncProperty(lives, fc.nat(), async (plan, seed) => {
        const world = new World();
        const machine = new Machine(world, seed, { writesThrough });
        let certain: Model = emptyModel;
        let visible: Model = emptyModel;
        for (const { steps, end } of plan) {
          const { logStore } = machine.start();
          const models: Model[] = [visible];
          let resolved = 0;
          for (const each of steps) {
            const { after, write } = carryOut(models.at(-1) as Model, each);
            models.push(after);
            const number = models.length - 1;
            logStore.write([write]).then(() => {
              resolved = number;
            });
            await world.run(world.now + each.wait);
          }
          const atLeast = positions(models, durable(machine.disk));
          if (resolved > 0) expect(Math.max(...atLeast, -1)).toBeGreaterThanOrEqual(resolved);
          if (end === 'kill') machine.process.kill();
          else machine.powerCut();
          const found = await stored(machine.start().logStore);
          const where = positions(resolved === 0 ? [certain, ...models] : models.slice(resolved), found);
          expect(where.length).toBeGreaterThan(0);
          visible = modelOf([certain, ...models], found);
          certain = modelOf([certain, ...models], durable(machine.disk));
          if (end === 'power cut') expect(durable(machine.disk)).toEqual(found);
        }
      }),
      { numRuns: 300 },
    );
  },
);

function modelOf(models: readonly Model[], found: readonly LogSummary[]): Model {
  const [at] = positions(models, found);
  expect(at).toBeDefined();
  return models[at as number] as Model;
}

test('chance decides both ways: cut amid the last sync, a write is there sometimes', async () => {
  let there = 0;
  for (let seed = 0; seed < 100; seed++) {
    const world = new World();
    const machine = new Machine(world, seed, { writeMs: 0.1, syncMs: 5 });
    machine.start().logStore.write([logWrite(1, { entries: entries(1, 3) })]);
    await world.run(9);
    machine.powerCut();
    const { entries: found } = await readLog(machine.start().logStore, 1);
    expect([0, 3]).toContain(found.length);
    there += found.length === 3 ? 1 : 0;
  }
  expect(there).toBeGreaterThan(20);
  expect(there).toBeLessThan(80);
});
