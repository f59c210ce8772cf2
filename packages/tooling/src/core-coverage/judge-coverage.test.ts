import { expect, it } from 'vitest';
import { judgeCoverage } from './judge-coverage.mjs';

const branches = (covered: number, total: number) => ({ branches: { covered, total, pct: (100 * covered) / total } });

it('notes the share of the branches that are taken', () => {
  expect(judgeCoverage({ total: branches(98, 100), 'a.ts': branches(48, 50) })).toEqual({
    code: 0,
    output: '',
    note: '98 of 100 branches, 98 %',
  });
});

it('names the files where too many are not', () => {
  const { code, output } = judgeCoverage({ total: branches(97, 100), 'a.ts': branches(50, 50), 'b.ts': branches(47, 50) });
  expect(code).toBe(1);
  expect(output.split('\n')).toEqual(['The tests of the core take 97 of 100 branches, 97 %; 98 % are wanted. Not taken:', '  3 in b.ts']);
});

it('is not content with nothing', () => {
  expect(judgeCoverage({}).code).toBe(1);
  expect(judgeCoverage({ total: branches(0, 0) }).code).toBe(1);
});
