import { expect, it } from 'vitest';
import { codeBlocks } from './code-blocks.mjs';

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
  '',
];

it('finds whole TypeScript blocks and the line of their fence', () => {
  expect(codeBlocks(document.join('\n'))).toEqual([
    { line: 3, code: 'const a = 1;\n' },
    { line: 13, code: '' },
  ]);
});
