import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromExactJson, type Json, toExactJson } from './exact-json.ts';

const names = fc.oneof(fc.string(), fc.constantFrom('$bytes', '$map', '$$', '$', '__proto__', 'constructor', 'kind'));

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(null, undefined, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, -0),
    fc.uint8Array(),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(fc.oneof(fc.integer(), names), tie('value')), { maxLength: 4 }).map((pairs) => new Map(pairs)),
    fc.dictionary(names, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe('values as exact JSON', () => {
  test('come back as they were', () => {
    fc.assert(
      fc.property(value, (before) => {
        const after = fromExactJson(JSON.parse(JSON.stringify(toExactJson(before))) as Json);
        expect(isDeepStrictEqual(after, before)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('tell a field that is undefined from one that is not there', () => {
    expect(Object.keys(fromExactJson(toExactJson({ there: undefined })) as object)).toEqual(['there']);
  });

  test('keep the order of a map', () => {
    const map = new Map([
      [3, 'c'],
      [1, 'a'],
    ]);
    expect([...(fromExactJson(toExactJson(map)) as typeof map)]).toEqual([...map]);
  });

  test('give bytes that own their memory, whatever slice they were made of', () => {
    const slice = Buffer.from('xxabcxx').subarray(2, 5);
    const bytes = fromExactJson(toExactJson(slice)) as Uint8Array;
    expect(bytes).toEqual(new Uint8Array([0x61, 0x62, 0x63]));
    expect(bytes.buffer.byteLength).toBe(3);
  });

  test.each([
    { $bytes: '§§' },
    { $bytes: 5 },
    { $map: [[1]] },
    { $map: {} },
    { $number: 'one' },
    { $undefined: false },
    { $else: 1 },
    { $map: [], more: 1 },
  ])('%j is refused', (json) => {
    expect(() => fromExactJson(json)).toThrow(expect.objectContaining({ code: 'not_exact_json' }));
  });

  test.each([new Date(), () => 1, Symbol('x'), 1n, new Set()])('%s is no plain data', (thing) => {
    expect(() => toExactJson({ thing })).toThrow(expect.objectContaining({ code: 'invariant_violated' }));
  });
});
