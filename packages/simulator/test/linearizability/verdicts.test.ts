import { checkLinearizable, describeOperation, explain, models, tighten } from '@flotilla/simulator';
import { describe, expect, test } from 'vitest';
import { history } from './history-script.ts';
import { objectHistory } from './object-history.ts';

describe('the explanation', () => {
  const operations = history(`
    1: <put "a" = null>            <get = "b">    <get = "a">
    2:                   <put "b"                                = null>
    3:                                                  <put "c" = null>`);
  const { violation } = checkLinearizable(operations, models.kv);

  test('names the call whose end nothing explains, the longest prefix, and what was open', () => {
    expect(violation?.culprit).toMatchObject({ operation: { f: 'get', output: 'a' }, exact: true });
    expect(violation?.culprit.order.map(({ operation, state }) => [operation.f, operation.input, state])).toEqual([
      ['put', 'a', '"a"'],
      ['put', 'b', '"b"'],
      ['get', null, '"b"'],
    ]);
    expect(violation?.culprit.open.map(({ input }) => input)).toEqual(['c']);
  });

  test('is bounded', () => {
    const text = violation === null ? '' : explain(violation, { linesMax: 1 });
    expect(text).toContain('... 2 more, then the state is "b"');
    expect(text).toMatchInlineSnapshot(`
      "The history is not linearizable. No order of the calls explains the end of
        #5 50.000..60.000 ms  process 1: get → "a"
      Up to there, this order does (3 calls, the state after each on the right):
        ... 2 more, then the state is "b"
        #3 35.000..45.000 ms  process 1: get → "b"  "b"
      It does without these, which had begun and need not have been carried out by then:
        #6 56.000..71.000 ms  process 3: put "c" → null"
    `);
  });

  test('shows the ends of long values', () => {
    const [operation] = history(`1: <put "${'x'.repeat(100)}" = null>`);
    expect(operation && describeOperation(operation)).toMatch(/put …x{58}" → null$/);
  });
});

describe('the limits', () => {
  test('give no verdict where it takes too many steps or situations', () => {
    // Each of these can come first, and each set of them gives another number.
    const lines = Array.from({ length: 12 }, (_, i) => `${i}: <add ${String(2 ** i).padEnd(5)}       = null>`);
    const operations = history([...lines, '20: <read                 = 5000>'].join('\n'));
    expect(checkLinearizable(operations, models.counter)).toMatchObject({ verdict: 'not-linearizable' });
    const [steps, remembered] = [{ stepsMax: 50 }, { rememberedMax: 5 }].map((limits) =>
      checkLinearizable(operations, models.counter, limits),
    );
    expect(steps).toMatchObject({ verdict: 'unknown', violation: null, undecided: [null] });
    expect(steps?.steps).toBeLessThan(100);
    expect(remembered).toMatchObject({ verdict: 'unknown', violation: null, undecided: [null] });
  });

  test('never condemn what is linearizable, wherever they are reached', () => {
    const useless = Array.from({ length: 8 }, (_, i) => `${i}: <cas [${i},0] ?`);
    const histories = Array.from(
      { length: 20 },
      (_, seed) => objectHistory('register', { seed, calls: 30, clients: 6, unknown: 0.4 }).operations,
    );
    for (const operations of [...histories, history([...useless, '8: <write 9 ? <read = 9>'].join('\n'))]) {
      const { steps } = checkLinearizable(operations, models.register);
      for (let max = 0; max <= steps; max++) {
        const limits = [{ stepsMax: max }, { rememberedMax: max }];
        for (const each of limits) expect(checkLinearizable(operations, models.register, each).verdict).not.toBe('not-linearizable');
      }
    }
  });

  test('do not hide a violation of another key', () => {
    const { operations } = objectHistory('kv', { seed: 1, calls: 40, clients: 20 });
    const altered = operations.map((each) => (each.f === 'get' ? { ...each, output: 'never' } : each));
    const [bad] = history('1: <get = "z">');
    const all = [...altered, ...(bad === undefined ? [] : [{ ...bad, key: 'bad' }])];
    expect(checkLinearizable(all, models.kv, { stepsMax: 5 })).toMatchObject({
      verdict: 'not-linearizable',
      violation: { key: 'bad' },
      undecided: ['key-1'],
    });
  });
});

describe('what the log knows', () => {
  const operations = history(`
    1: <put "a" = null>              <get = "a">                 <get = "b">
    2:                    <put "b" ?
    3:                    <put "c" ?`).map((operation) => ({ ...operation, serial: `${operation.input}` }));
  const began = operations.find(({ input }) => input === 'b')?.invokedAt ?? 0;
  const verdict = (committed: ReadonlyMap<string, number>) => checkLinearizable(tighten(operations, committed), models.kv).verdict;

  test('writes that it does not hold never happened', () => {
    expect(checkLinearizable(operations, models.kv).verdict).toBe('linearizable');
    expect(verdict(new Map([['a', 0]]))).toBe('not-linearizable');
  });

  test('writes that it holds happened before they were applied', () => {
    expect(verdict(new Map([['b', 1000]]))).toBe('linearizable');
    expect(verdict(new Map([['b', began + 1]]))).toBe('not-linearizable');
  });

  test('a write that was applied is not optional', () => {
    expect(
      verdict(
        new Map([
          ['b', 1000],
          ['c', began + 1],
        ]),
      ),
    ).toBe('not-linearizable');
  });

  test('no write is applied before it was asked for', () => {
    expect(() => tighten(operations, new Map([['b', 1]]))).toThrow(expect.objectContaining({ code: 'history_applied_early' }));
  });

  test('calls without a serial stay as they are', () => {
    const without = operations.map((operation) => ({ ...operation, serial: undefined }));
    expect(tighten(without, new Map())).toEqual(without);
  });
});
