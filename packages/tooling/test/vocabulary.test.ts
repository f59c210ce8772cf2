import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../src/process/repository-root.mjs';
import { readRepository } from '../src/shape/read-repository.mjs';

const sources = readRepository(repositoryRoot).files.filter(({ path }) => /^(packages|apps)\/[^/]+\/src\/.*\.ts$/.test(path));
const exported = new Set(
  sources.flatMap(({ text }) => [...text().matchAll(/^export (?:declare )?(?:abstract |async )?\w+ (\w+)/gm)].map(([, name]) => name)),
);

it('every word of the vocabulary names something that the code exports', () => {
  const rows = readFileSync(join(repositoryRoot, 'docs', 'vocabulary.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| '));
  const names = rows.flatMap((row) => [...(row.split('|')[3] ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name));
  const packages = new Set(sources.map(({ path }) => path.split('/')[1]));
  expect(names.filter((name) => !exported.has(name) && !packages.has(name))).toEqual([]);
});
