import { checkLinearizable, models, type Operation } from '@flotilla/simulator';
import { describe, expect, test } from 'vitest';
import { history } from './history-script.ts';
import { objectHistory } from './object-history.ts';

const lines = (count: number, line: (number: number) => string) => Array.from({ length: count }, (_, i) => `${i}: ${line(i)}`);

/** The first writes, then a read that nothing explains. */
function unexplained(writes: readonly string[], read: string): readonly Operation[] {
  const width = Math.max(...writes.map((line) => line.length));
  return history([...writes, `99: ${' '.repeat(width)}${read}`].join('\n'));
}

describe('what would take exponential time takes few steps', () => {
  test('unknown calls that all ask the same', () => {
    const operations = unexplained(
      lines(40, () => '<add 2 ?'),
      '<read = 81>',
    );
    const { verdict, steps } = checkLinearizable(operations, models.counter);
    expect(verdict).toBe('not-linearizable');
    expect(steps).toBeLessThan(4000);
  });

  test('unknown calls of which the last hides the others', () => {
    const operations = unexplained(
      lines(40, (i) => `<put ${i} ?`),
      '<get = 99>',
    );
    const { verdict, steps } = checkLinearizable(operations, models.kv);
    expect(verdict).toBe('not-linearizable');
    expect(steps).toBeLessThan(10_000);
  });

  test('but for unknown calls of which each set leads elsewhere: there, the limits give no verdict', () => {
    const operations = unexplained(
      lines(40, (i) => `<add ${2 ** i} ?`),
      '<read = -1>',
    );
    for (const limits of [{ stepsMax: 1000 }, { rememberedMax: 1000 }]) {
      expect(checkLinearizable(operations, models.counter, limits)).toMatchObject({ verdict: 'unknown', violation: null });
    }
  });

  test('a list that is read once, behind all its concurrent appends', () => {
    const rounds = Array.from({ length: 30 }, (_, i) => [2 * i + 1, 2 * i]);
    const script = [0, 1].map(
      (client) => `${client}: ${rounds.map((round) => `<append ${Math.min(...round) + client} = null>`).join(' ')}`,
    );
    const operations = unexplained(script, `<read = ${JSON.stringify(rounds.flat())}>`);
    const { verdict, steps } = checkLinearizable(operations, models.append);
    expect(verdict).toBe('linearizable');
    expect(steps).toBeLessThan(200);
  });
});

describe('a call that takes as long as hundreds of others', () => {
  const { operations } = objectHistory('kv', {
    seed: 5,
    calls: 400,
    clients: 3,
    choose: (random, number) => (random.chance(0.4) ? ['put', number] : ['get', null]),
  });
  const last = Math.max(...operations.map(({ completeIndex }) => completeIndex)) + 1;
  const [first] = operations;
  const withSlowRead = (output: unknown): readonly Operation[] =>
    first === undefined
      ? []
      : [...operations, { ...first, process: 99, f: 'get', invokeIndex: -1, completeIndex: last, outcome: 'ok', output }];

  test('is placed wherever it fits', () => {
    const written = operations.filter(({ f }) => f === 'put').map(({ input }) => input);
    for (const value of [null, ...written]) expect(checkLinearizable(withSlowRead(value), models.kv).verdict).toBe('linearizable');
  });

  test('is refused where it fits nowhere', () => {
    const { verdict, steps } = checkLinearizable(withSlowRead('never'), models.kv);
    expect(verdict).toBe('not-linearizable');
    expect(steps).toBeLessThan(10_000);
  });
});
