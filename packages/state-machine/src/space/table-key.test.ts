import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stateKeyBytesMax } from './state-space.ts';
import { decodeKey, encodeKey, type KeyPart, type TableKey } from './table-key.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', '\0', '\u0001', 'é', '\uffff', '😀', '\u00ff'), maxLength: 5 });
const number = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -3, max: 3 }));
const part: fc.Arbitrary<KeyPart> = fc.oneof(text, number);
const key: fc.Arbitrary<TableKey> = fc.oneof(part, fc.array(part, { maxLength: 3 }));

const points = (letters: string) => Array.from(letters, (letter) => letter.codePointAt(0) ?? 0);

function compareLists<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): number {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const order = compare(a[at] as T, b[at] as T);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareKeys(a: TableKey, b: TableKey): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return compareLists(points(a), points(b), (x, y) => x - y);
  if (typeof a === 'object' && typeof b === 'object') return compareLists(a, b, compareKeys);
  const rank = (each: TableKey) => ['number', 'string', 'object'].indexOf(typeof each);
  return rank(a) - rank(b);
}

describe('keys as bytes', () => {
  const prefix = Uint8Array.of(7);

  it('are what they were when they come back', () => {
    fc.assert(
      fc.property(key, (each) => {
        expect(decodeKey(encodeKey(prefix, each), 1)).toEqual(each);
      }),
      { numRuns: 1000 },
    );
    for (const each of [-0, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 2 ** 32, -(2 ** 32), '', [], [''], ['\0\0']])
      expect(decodeKey(encodeKey(prefix, each), 1)).toEqual(each === 0 ? 0 : each);
  });

  it('have the order of the keys', () => {
    const check = (a: TableKey, b: TableKey) => {
      expect(Buffer.compare(encodeKey(prefix, a), encodeKey(prefix, b))).toBe(Math.sign(compareKeys(a, b)));
    };
    fc.assert(fc.property(key, key, check), { numRuns: 5000 });
  });

  it('are refused where they are none, or too long', () => {
    const longest = stateKeyBytesMax - 2;
    expect(encodeKey(prefix, 'x'.repeat(longest))).toHaveLength(stateKeyBytesMax);
    for (const bad of [
      0.5,
      Number.NaN,
      2 ** 53,
      '\ud800',
      ['a', '\udc00'],
      [1.5],
      [['a']],
      null,
      'x'.repeat(longest + 1),
      ['\0'.repeat(1000)],
    ])
      expect(() => encodeKey(prefix, bad as TableKey)).toThrow(expect.objectContaining({ code: 'machine_defect' }));
  });

  it('are not read from other bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const read = decodeKey(bytes, 0);
        if (read !== undefined) expect(encodeKey(new Uint8Array(0), read)).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });
});
