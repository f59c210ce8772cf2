import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { faultKinds } from '../src/index.ts';
import { allInvariants } from '../src/invariants/all.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');
const page = read('docs/simulation.md');

/** The first cells of a section's tables, in their order. */
function namesIn(section: string): readonly string[] {
  const text = page.split(/^## /m).find((each) => each.startsWith(section)) ?? '';
  return [...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1] ?? '');
}

it('docs/simulation.md shows its example as it is run', () => {
  expect(page).toContain(`\`\`\`ts\n${read('docs/simulation/checked-counter.test.ts')}\`\`\`\n`);
});

it('every fault is described', () => {
  expect(namesIn('What goes wrong')).toEqual(faultKinds);
});

it('every invariant is described, with its source', () => {
  const invariants = allInvariants();
  expect(namesIn('What is checked').slice(0, invariants.length)).toEqual(invariants.map(({ name }) => name));
  for (const { name, source } of invariants) expect(page).toMatch(new RegExp(`^\\| \`${name}\` \\|.*\\| ${source} \\|$`, 'm'));
});
