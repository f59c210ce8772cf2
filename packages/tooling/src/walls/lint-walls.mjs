/** @type {ReadonlyArray<Omit<import('./wall.mjs').Wall, 'tool'>>} */
const walls = [
  ...['storage', 'transport', 'client', 'storage-lmdb', 'transport-tcp'].map((name) => ({
    rule: `${name} imports RxJS`,
    file: `packages/${name}/src/probe-rxjs.ts`,
    violation: "import { Subject } from 'rxjs';\nexport const probe = new Subject();",
    allowed: "import { EventEmitter } from 'node:events';\nexport const probe = new EventEmitter();",
    reason: 'RxJS and inversify stay in',
  })),
  {
    rule: 'client imports inversify',
    file: 'packages/client/src/probe-inversify.ts',
    violation: "import { Container } from 'inversify';\nexport const probe = new Container();",
    allowed: 'export const probe = 0;',
    reason: 'RxJS and inversify stay in',
  },
  {
    rule: 'a conformance suite imports from Node',
    file: 'packages/state-machine/src/testing/probe-node.ts',
    violation: "import { readFileSync } from 'node:fs';\nexport const probe = readFileSync;",
    allowed: "import { expect } from 'vitest';\nexport const probe = expect;",
    reason: 'A conformance suite needs',
  },
  {
    rule: 'two files import each other',
    file: 'packages/runtime/src/probe-egg.ts',
    violation: "import { hen } from './probe-hen.ts';\nexport const egg = () => hen;",
    allowed: 'export const egg = () => 0;',
    reason: 'noImportCycles',
    also: { 'packages/runtime/src/probe-hen.ts': "import { egg } from './probe-egg.ts';\nexport const hen = () => egg;" },
  },
  {
    rule: 'one test only is left to run',
    file: 'packages/core/src/probe-only.test.ts',
    violation: "import { test } from 'vitest';\ntest.only('probe', () => {});",
    allowed: "import { test } from 'vitest';\ntest('probe', () => {});",
    reason: 'noFocusedTests',
  },
  {
    rule: 'a test is skipped',
    file: 'packages/core/src/probe-skip.test.ts',
    violation: "import { test } from 'vitest';\ntest.skip('probe', () => {});",
    allowed: "import { test } from 'vitest';\ntest('probe', () => {});",
    reason: 'noSkippedTests',
  },
  {
    rule: 'a package prints to the console',
    file: 'packages/runtime/src/probe-console.ts',
    violation: "export const probe = () => console.log('probe');",
    allowed: "export const probe = () => 'probe';",
    reason: 'noConsole',
  },
  {
    rule: 'a promise is left floating',
    file: 'packages/runtime/src/probe-floating.ts',
    violation: 'async function work() {\n  await null;\n}\nexport function probe() {\n  work();\n}',
    allowed: 'async function work() {\n  await null;\n}\nexport async function probe() {\n  await work();\n}',
    reason: 'noFloatingPromises',
  },
  {
    rule: 'a variable is not used',
    file: 'packages/runtime/src/probe-unused.ts',
    violation: 'const unused = 1;\nexport const probe = 0;',
    allowed: 'export const probe = 0;',
    reason: 'noUnusedVariables',
  },
  {
    rule: 'a file exports everything of another',
    file: 'packages/runtime/src/probe-star.ts',
    violation: "export * from './probe-target.ts';",
    allowed: "export { probe } from './probe-target.ts';",
    reason: 'noReExportAll',
    also: { 'packages/runtime/src/probe-target.ts': 'export const probe = 0;' },
  },
];

/** @type {readonly import('./wall.mjs').Wall[]} */
export const lintWalls = walls.map((wall) => ({ ...wall, tool: /** @type {const} */ ('biome') }));
