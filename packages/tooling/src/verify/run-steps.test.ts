import { expect, it } from 'vitest';
import { runSteps } from './run-steps.mjs';

it('runs every step, shows the output of a failed one whole and names it', async () => {
  const printed: string[] = [];
  const failed = await runSteps(
    [
      { name: 'one', run: async () => ({ code: 0, output: 'not shown' }) },
      { name: 'two', run: async () => ({ code: 2, output: 'first\nsecond\n' }), fix: 'npm run format' },
      { name: 'three', run: async () => ({ code: 0, output: '', note: 'all of it' }) },
    ],
    (text) => printed.push(text.replace(/\d+\.\d s/, 'N s')),
  );
  expect(failed).toEqual(['two']);
  expect(
    printed
      .join('\n')
      .split('\n')
      .map((line) => line.trimEnd()),
  ).toEqual([
    '✓ one        N s',
    '✗ two        N s',
    '',
    '    first',
    '    second',
    '',
    '    Try: npm run format',
    '',
    '✓ three      N s  all of it',
  ]);
});
