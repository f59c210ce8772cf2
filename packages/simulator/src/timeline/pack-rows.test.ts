import { expect, it } from 'vitest';
import { packRows } from './pack-rows.ts';

const rows = (...extents: readonly (readonly [number, number])[]) =>
  packRows(
    extents.map(([from, to]) => ({ from, to })),
    2,
  ).map(({ row }) => row);

it('what overlaps gets rows of its own', () => {
  expect(rows([0, 10], [5, 20], [10, 12], [20, 30])).toEqual([0, 1, 0, 0]);
});

it('what finds no free row shares the last', () => {
  expect(rows([0, 10], [1, 20], [2, 30], [12, 13], [14, 40])).toEqual([0, 1, 1, 0, 0]);
});
