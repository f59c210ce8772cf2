import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differences } from './state-difference.ts';

describe('differences', () => {
  test('are named as deep inside as possible', () => {
    const before = { term: 1, role: { kind: 'leader', progress: new Map([[2, { matchIndex: 5, mode: 'probe' }]]) } };
    const after = { term: 1, role: { kind: 'leader', progress: new Map([[2, { matchIndex: 7, mode: 'probe' }]]) } };
    expect(differences(before, after)).toEqual([{ kind: 'changed', path: 'role.progress[2].matchIndex', before: 5, after: 7 }]);
  });

  test('of two kinds of things are the whole', () => {
    const [before, after] = [{ role: { kind: 'follower' } }, { role: { kind: 'candidate', votes: new Map() } }];
    expect(differences(before, after)).toEqual([{ kind: 'changed', path: 'role', before: before.role, after: after.role }]);
  });

  test('of maps and fields include what came and went', () => {
    const [before, after] = [
      { a: 1, m: new Map([[1, 'x']]) },
      { b: 2, m: new Map([[2, 'y']]) },
    ];
    expect(differences(before, after)).toEqual([
      { kind: 'removed', path: 'a', before: 1 },
      { kind: 'removed', path: 'm[1]', before: 'x' },
      { kind: 'added', path: 'm[2]', after: 'y' },
      { kind: 'added', path: 'b', after: 2 },
    ]);
  });

  test.each([
    ['a queue that moves', [1, 2, 3], [2, 3, 4], ['removed [0]', 'added [2]']],
    ['a queue that empties', [1, 2], [], ['removed [0]', 'removed [1]']],
    ['a list that grows', [1], [1, 2], ['added [1]']],
    ['a list that is cut', [1, 2, 3], [1], ['removed [1]', 'removed [2]']],
    ['an element that changes', [1, 2, 3], [1, 5, 3], ['changed [1]']],
    ['other elements', [1, 2], [7, 8, 9], ['removed [0]', 'removed [1]', 'added [0]', 'added [1]', 'added [2]']],
  ])('of %s', (_, before, after, expected) => {
    expect(differences(before, after).map(({ kind, path }) => `${kind} ${path}`)).toEqual(expected);
  });

  test('are none exactly where the values are equal', () => {
    const value = fc.anything({ maxDepth: 3 });
    fc.assert(
      fc.property(value, (each) => {
        expect(differences(each, structuredClone(each))).toEqual([]);
      }),
    );
    const array = fc.array(fc.nat(3), { maxLength: 6 });
    fc.assert(
      fc.property(array, array, (before, after) => {
        expect(differences(before, after).length === 0).toBe(isDeepStrictEqual(before, after));
      }),
    );
  });
});
