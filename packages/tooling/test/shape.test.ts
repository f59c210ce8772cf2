import { expect, it } from 'vitest';
import { repositoryRoot } from '../src/process/repository-root.mjs';
import { checkShape } from '../src/shape/check-shape.mjs';
import { readRepository } from '../src/shape/read-repository.mjs';

it('the repository has the shape that its rules describe', () => {
  expect(checkShape(readRepository(repositoryRoot))).toEqual([]);
});
