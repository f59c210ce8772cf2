import { expect, it } from 'vitest';
import { checkShape } from './check-shape.mjs';

function breachesOf(files: Record<string, string>): readonly string[] {
  return checkShape({ files: Object.entries(files).map(([path, text]) => ({ path, text: () => text })) });
}

const readme = { 'packages/core/README.md': '' };

it.each([
  ['packages/core/src/long.ts', '\n'.repeat(351), 'packages/core/src/long.ts: 351 lines; more than 350 hide more than one subject'],
  ['packages/core/src/utils/log.ts', '', 'packages/core/src/utils/log.ts: "utils" says nothing about what is inside'],
  ['packages/core/src/test-helpers.ts', '', 'packages/core/src/test-helpers.ts: "test-helpers.ts" says nothing about what is inside'],
  ['packages/core/src/logShape.ts', '', 'packages/core/src/logShape.ts: "logShape.ts" is not kebab-case'],
  [
    'packages/core/src/index.ts',
    "export * from './log.ts';",
    'packages/core/src/index.ts: "export *" hides what is public; list the names',
  ],
  ['scripts/build.mjs', '', 'scripts: has no place at the top level'],
  ['apps/kv/src/index.ts', '', 'apps/kv: has no README.md'],
  [
    'packages/core/package.json',
    '{"name":"@flotilla/kernel"}',
    'packages/core/package.json: is named @flotilla/kernel, its folder says @flotilla/core',
  ],
  [
    'packages/core/src/log.test.ts',
    '',
    'packages/core/src/log.test.ts: stands beside no file of its name; longer tests belong under test/',
  ],
])('%s', (path, text, breach) => {
  expect(breachesOf({ ...readme, [path]: text })).toEqual([breach]);
});

it('a dependency needs a reference', () => {
  const breaches = breachesOf({
    ...readme,
    'packages/core/package.json': '{"name":"@flotilla/core","dependencies":{"@flotilla/state-machine":"0.1.0"}}',
    'packages/core/tsconfig.json': '{}',
    'tsconfig.json': '{"references":[]}',
  });
  expect(breaches).toEqual([
    'tsconfig.json: does not build packages/core',
    'packages/core/tsconfig.json: has no reference to @flotilla/state-machine',
  ]);
});

it('leaves good files alone', () => {
  expect(
    breachesOf({
      ...readme,
      'packages/core/src/log.ts': 'export const log = 1;\n',
      'packages/core/src/log.test.ts': '',
      'packages/core/src/log-merge.test.ts': '',
      'packages/core/test/long.test.ts': '\n'.repeat(900),
    }),
  ).toEqual([]);
});
