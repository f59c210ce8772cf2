import fc from 'fast-check';
import { expect, it } from 'vitest';
import { insertKey, keysFrom, type OrderedKeys, removeKey } from './ordered-keys.ts';

const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\uffff', '😀'), maxLength: 4 });

it('holds what a sorted set holds, whatever comes and goes', () => {
  const step = fc.tuple(fc.boolean(), name);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), name, (steps, start) => {
      const keys: OrderedKeys = [];
      const model = new Set<string>();
      for (const [add, key] of steps) {
        if (add) insertKey(keys, key);
        else removeKey(keys, key);
        if (add) model.add(key);
        else model.delete(key);
      }
      expect([...keysFrom(keys, start)]).toEqual([...model].sort().filter((key) => key >= start));
      expect(keys.every((chunk) => chunk.length > 0)).toBe(true);
    }),
  );
});

it('keeps its chunks short and in order through many keys', () => {
  const keys: OrderedKeys = [];
  const names = Array.from({ length: 20_000 }, (_, n) => `key-${(n * 7919) % 20_000}`);
  for (const key of names) insertKey(keys, key);
  expect([...keysFrom(keys, '')]).toEqual([...names].sort());
  expect(Math.max(...keys.map(({ length }) => length))).toBeLessThanOrEqual(512);
  expect(keys.length).toBeLessThan(200);
  for (const key of names) removeKey(keys, key);
  expect(keys).toEqual([]);
});
