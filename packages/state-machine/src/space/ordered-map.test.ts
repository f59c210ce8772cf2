import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OrderedMap } from './ordered-map.ts';

const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\u00ff', '\0'), maxLength: 4 });

it('holds what a sorted map holds, whatever comes and goes', () => {
  const step = fc.tuple(fc.constantFrom('set', 'delete', 'read'), name);
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200 }),
      name,
      fc.option(name, { nil: undefined }),
      fc.boolean(),
      (steps, start, end, reverse) => {
        const map = new OrderedMap<number>();
        const model = new Map<string, number>();
        const check = () => {
          const expected = [...model].filter(([key]) => key >= start && (end === undefined || key < end));
          expected.sort(([a], [b]) => (a < b ? -1 : 1));
          expect([...map.range({ start, end, reverse })]).toEqual(reverse ? expected.reverse() : expected);
        };
        for (const [n, [kind, key]] of steps.entries()) {
          if (kind === 'set') {
            map.set(key, n);
            model.set(key, n);
          } else if (kind === 'delete') expect(map.delete(key)).toBe(model.delete(key));
          else check();
          expect([map.get(key), map.has(key), map.size]).toEqual([model.get(key), model.has(key), model.size]);
        }
        check();
        map.clear();
        expect([map.size, ...map.range()]).toEqual([0]);
      },
    ),
  );
});

it.each([false, true])('sees what is written ahead while it is read, downwards: %s', (reverse) => {
  const map = new OrderedMap<number>();
  const read: string[] = [];
  for (const key of ['b', 'd', 'f', 'h']) map.set(key, 0);
  for (const [key] of map.range({ reverse })) {
    read.push(key);
    if (read.length > 1) continue;
    for (const gone of ['d', key]) map.delete(gone);
    for (const added of ['a', 'e', 'i']) map.set(added, 1);
  }
  expect(read).toEqual(reverse ? ['h', 'f', 'e', 'b', 'a'] : ['b', 'e', 'f', 'h', 'i']);
});

it('keeps the order of many keys that come in no order', () => {
  const map = new OrderedMap<number>();
  const names = Array.from({ length: 20_000 }, (_, n) => `key-${(n * 7919) % 20_000}`);
  for (const [n, key] of names.entries()) {
    map.set(key, n);
    if (n % 1000 === 0) expect([...map.range({ start: key })].at(0)).toEqual([key, n]);
  }
  expect([...map.range()].map(([key]) => key)).toEqual([...names].sort());
  for (const key of names) map.delete(key);
  expect([...map.range()]).toEqual([]);
});
