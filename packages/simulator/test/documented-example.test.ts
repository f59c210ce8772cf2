import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(`../../../docs/${path}`, import.meta.url), 'utf8');

it('the example of the documentation is the one that runs', () => {
  expect(read('simulation.md')).toContain(`\`\`\`ts\n${read('simulation/counter.test.ts')}\`\`\`\n`);
});
