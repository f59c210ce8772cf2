import { checkLinearizable, type ModelName, modelNames, models, type Operation, tighten } from '@flotilla/simulator';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bruteForce } from './brute-force.ts';
import { objectHistory } from './object-history.ts';
import { plainCalls, plainObjects } from './plain-objects.ts';

/** A few calls of five clients, with times and answers at random: some of them make sense, most do not. */
function anyHistory(model: ModelName): fc.Arbitrary<Operation[]> {
  const answers = answersOf(model);
  const call = fc.record({
    call: fc.constantFrom(...plainCalls[model]),
    client: fc.integer({ min: 0, max: 2 }),
    at: fc.integer({ min: 0, max: 30 }),
    length: fc.integer({ min: 1, max: 30 }),
    outcome: fc.constantFrom('ok', 'ok', 'ok', 'ok', 'info', 'open', 'fail', 'applied'),
    answer: fc.integer({ min: 0, max: 5 }),
  });
  return fc.array(call, { maxLength: 6 }).map((calls) => {
    const operations = calls.map(({ call: [f, input], client, at, length, outcome, answer }, i): Operation => {
      const possible = answers(f);
      const end = 10 * (at + length) + i;
      return {
        process: client,
        f,
        key: null,
        input,
        node: null,
        serial: i,
        invokedAt: at,
        invokeIndex: 10 * at + i,
        outcome: outcome as Operation['outcome'],
        output: outcome === 'ok' ? possible[answer % possible.length] : undefined,
        completedAt: at + length,
        completeIndex: outcome === 'open' ? Number.POSITIVE_INFINITY : end + 0.25,
      };
    });
    return operations.sort((a, b) => a.invokeIndex - b.invokeIndex);
  });
}

function answersOf(model: ModelName): (f: string) => readonly unknown[] {
  const yesOrNo = [true, false];
  return (f) => {
    if (f === 'put' || f === 'write' || f === 'append') return [null];
    if (f === 'get') return [null, 1, 2, 3];
    if (f === 'add') return [-1, 0, 1, 2, 3, 4];
    if (f === 'holder') return [null, 0, 1, 2];
    if (f !== 'read') return yesOrNo;
    if (model === 'append') return [[], [1], [2], [1, 2], [2, 1], [1, 1]];
    if (model === 'append-text') return ['', 'a', 'ab', 'b', 'aab', 'abb'];
    return model === 'counter' ? [-1, 0, 1, 2, 3] : [null, 1, 2];
  };
}

/** An altered answer of a history that made sense: the ones that are hard to tell. */
function altered(model: ModelName, operations: readonly Operation[], at: number, answer: number): readonly Operation[] {
  return operations.map((operation, i) => {
    if (i !== at || operation.outcome !== 'ok') return operation;
    const possible = answersOf(model)(operation.f);
    return { ...operation, output: possible[answer % possible.length] };
  });
}

describe.each(modelNames)('%s', (name) => {
  const verdict = (operations: readonly Operation[]) => checkLinearizable(operations, models[name]).verdict === 'linearizable';

  test('agrees with trying every order, on histories at random', () => {
    fc.assert(
      fc.property(anyHistory(name), (operations) => {
        expect(verdict(operations)).toBe(bruteForce(operations, plainObjects[name]()));
      }),
      { numRuns: 4000, seed: 1 },
    );
  });

  test('agrees with trying every order, on histories of an object, as they are and with an answer altered', () => {
    let [right, wrong] = [0, 0];
    for (let seed = 1; seed <= 1500; seed++) {
      const { operations, committed } = objectHistory(name, { seed, calls: 7, clients: 3, unknown: seed % 2 === 0 ? 0.3 : 0 });
      expect(verdict(operations)).toBe(true);
      const other = altered(name, operations, seed % operations.length, seed);
      for (const each of [other, tighten(other, committed)]) {
        const expected = bruteForce(each, plainObjects[name]());
        if (expected) right++;
        else wrong++;
        expect([seed, verdict(each)]).toEqual([seed, expected]);
      }
    }
    // Both happen: the histories are such that there is something to tell.
    expect(Math.min(right, wrong)).toBeGreaterThan(100);
  });
});
