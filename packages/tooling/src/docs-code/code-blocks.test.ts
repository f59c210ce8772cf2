import { expect, it } from 'vitest';
import { codeBlocks, fileBlocks } from './code-blocks.mjs';

const document = [
  '# Title',
  '',
  '```ts',
  'const a = 1;',
  '```',
  '',
  '```sh',
  'ls',
  '```',
  '```ts fragment',
  'a.b',
  '```',
  '```typescript',
  '```',
  '```ts docs/examples/a.ts',
  'const b = 2;',
  '```',
  '',
];

it('finds whole TypeScript blocks and the line of their fence', () => {
  expect(codeBlocks(document.join('\n'))).toEqual([
    { line: 3, code: 'const a = 1;\n' },
    { line: 13, code: '' },
  ]);
});

it('finds the blocks that show a whole file', () => {
  expect(fileBlocks(document.join('\n'))).toEqual([{ line: 15, file: 'docs/examples/a.ts', code: 'const b = 2;\n' }]);
});
