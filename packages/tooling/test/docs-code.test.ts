import { expect, it } from 'vitest';
import { checkDocsCode } from '../src/docs-code/check-docs-code.mjs';
import { repositoryRoot } from '../src/process/repository-root.mjs';

it('every TypeScript block of the documentation compiles', async () => {
  expect(await checkDocsCode(repositoryRoot)).toEqual([]);
}, 60_000);
