import { checkLinearizable, type ModelName, modelNames, models, type Operation, type SeededRandom, tighten } from '@flotilla/simulator';
import { describe, expect, test } from 'vitest';
import { objectHistory } from './object-history.ts';

const size = { calls: 3000, clients: 20, keys: 12 };

/** Every write writes something of its own. */
function uniqueCalls(model: ModelName) {
  const [write, read] = model.startsWith('append') ? ['append', 'read'] : ['put', 'get'];
  return (random: SeededRandom, number: number): readonly [string, unknown] => (random.chance(0.5) ? [write, `<${number}>`] : [read, null]);
}

/** The history with the answer of one read altered: that of the first, behind the middle, of which `alter` makes something. */
function withAlteredRead(operations: readonly Operation[], alter: (read: Operation) => unknown): Operation[] {
  const candidates = operations.slice(operations.length / 2);
  for (const read of candidates) {
    const output = read.outcome === 'ok' && (read.f === 'get' || read.f === 'read') ? alter(read) : undefined;
    if (output !== undefined) return operations.map((each) => (each === read ? { ...each, output } : each));
  }
  throw new Error('there is no read to alter');
}

/** The writes of the same key that had ended when this read began. */
function writesBefore(operations: readonly Operation[], { key, invokeIndex }: Operation): readonly Operation[] {
  return operations.filter((each) => each.key === key && each.input !== null && each.outcome === 'ok' && each.completeIndex < invokeIndex);
}

describe.each(modelNames)('a large history of %s', (name) => {
  test.each([0, 0.02])('is accepted in few steps, with unknown outcomes at %d', (unknown) => {
    const choose = name.startsWith('append') ? { choose: uniqueCalls(name) } : {};
    for (let seed = 1; seed <= 5; seed++) {
      const { operations, committed } = objectHistory(name, { seed, unknown, ...size, ...choose });
      for (const each of [operations, tighten(operations, committed)]) {
        const { verdict, steps, keys } = checkLinearizable(each, models[name]);
        expect({ verdict, keys }).toEqual({ verdict: 'linearizable', keys: 12 });
        expect(steps).toBeLessThan(4 * size.calls);
      }
    }
  });
});

describe('one altered answer is found', () => {
  test.each([0, 0.02])('where a read is stale, with unknown outcomes at %d', (unknown) => {
    for (let seed = 1; seed <= 5; seed++) {
      const { operations } = objectHistory('kv', { seed, unknown, ...size, choose: uniqueCalls('kv') });
      const altered = withAlteredRead(operations, (read) => {
        const before = writesBefore(operations, read);
        // Some write began after this one had ended, and ended before the read: the value was gone for good.
        const gone = before.findLast((write) => before.some((later) => later.invokeIndex > write.completeIndex));
        return gone?.input;
      });
      expect(checkLinearizable(altered, models.kv).verdict).toBe('not-linearizable');
    }
  });

  test.each([0, 0.02])('where a read sees what nobody wrote, with unknown outcomes at %d', (unknown) => {
    const { operations } = objectHistory('kv', { seed: 7, unknown, ...size, choose: uniqueCalls('kv') });
    const altered = withAlteredRead(operations, () => '<never>');
    const { verdict, violation } = checkLinearizable(altered, models.kv);
    expect(verdict).toBe('not-linearizable');
    expect(violation?.culprit.operation.output).toBe('<never>');
  });

  test.each([0, 0.02])('where a list lost an element, with unknown outcomes at %d', (unknown) => {
    for (let seed = 1; seed <= 5; seed++) {
      const { operations } = objectHistory('append', { seed, unknown, ...size, choose: uniqueCalls('append') });
      const altered = withAlteredRead(operations, (read) => {
        const lost = writesBefore(operations, read)[3]?.input;
        return lost === undefined ? undefined : (read.output as unknown[]).filter((element) => element !== lost);
      });
      expect(checkLinearizable(altered, models.append).verdict).toBe('not-linearizable');
    }
  });

  test('where a text has an element twice', () => {
    const { operations } = objectHistory('append-text', { seed: 3, ...size, choose: uniqueCalls('append-text') });
    const altered = withAlteredRead(operations, ({ output }) => (output === '' ? undefined : `${output}${String(output).slice(0, 4)}`));
    expect(checkLinearizable(altered, models['append-text']).verdict).toBe('not-linearizable');
  });

  test('where a counter is one too high', () => {
    const choose = (random: SeededRandom): readonly [string, unknown] => (random.chance(0.5) ? ['add', 2] : ['read', null]);
    const { operations } = objectHistory('counter', { seed: 3, ...size, choose });
    const altered = withAlteredRead(operations, ({ output }) => (output as number) + 1);
    expect(checkLinearizable(altered, models.counter).verdict).toBe('not-linearizable');
  });
});
