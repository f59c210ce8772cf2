import { expect, test } from 'vitest';
import { digestBytes, digestValue } from '../../src/oracle/digest.ts';

test('bytes that differ anywhere have other digests', () => {
  const bytes = Uint8Array.from({ length: 37 }, (_, i) => i * 7);
  const digests = new Set([digestBytes(bytes)]);
  for (let i = 0; i < bytes.length; i++) digests.add(digestBytes(bytes.with(i, 1)));
  for (let length = 0; length < bytes.length; length++) digests.add(digestBytes(bytes.subarray(0, length)));
  expect(digests.size).toBe(1 + 2 * bytes.length);
});

test('values that differ have other digests, and equal ones the same', () => {
  const values = () => [
    undefined,
    null,
    true,
    false,
    0,
    1,
    -1,
    0.5,
    2 ** 40,
    1n,
    '',
    'a',
    'b',
    [],
    ['a'],
    [['a']],
    { a: 1 },
    { a: '1' },
    { b: 1 },
    new Map([['a', 1]]),
    new Map([['b', 1]]),
    new Set(['a']),
    new Date(5),
    new Uint8Array([1, 2]),
    { kind: 'accepted', reply: 1, events: [{ type: 'x', data: { key: 'k', value: 2 } }] },
  ];
  expect(new Set(values().map(digestValue)).size).toBe(values().length);
  expect(values().map(digestValue)).toEqual(values().map(digestValue));
});
