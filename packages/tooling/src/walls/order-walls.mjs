const title = '# Probe\n\n';

/** @type {readonly import('./wall.mjs').Wall[]} */
export const orderWalls = [
  {
    rule: 'a package reaches into another by path',
    tool: 'turbo',
    file: 'packages/runtime/src/probe-path.ts',
    violation: "export { initialState } from '../../core/src/state.ts';",
    allowed: "export { probe } from './probe-target.ts';",
    reason: 'leaves the package',
    also: { 'packages/runtime/src/probe-target.ts': 'export const probe = 0;' },
  },
  {
    rule: 'a package imports an undeclared library',
    tool: 'turbo',
    file: 'packages/transport/src/probe-library.ts',
    violation: "export { pino as probe } from 'pino';",
    allowed: 'export const probe = 0;',
    reason: 'cannot import package `pino` because it is not a dependency',
  },
  {
    rule: 'a file is used by nobody',
    tool: 'knip',
    file: 'packages/runtime/src/probe-user.test.ts',
    violation: '',
    allowed: "import './probe-orphan.ts';\n",
    reason: 'Unused files: packages/runtime/src/probe-orphan.ts',
    also: { 'packages/runtime/src/probe-orphan.ts': 'export const probe = 0;\n' },
  },
  {
    rule: 'a dependency is used by nobody',
    tool: 'knip',
    file: 'packages/snapshot/package.json',
    violation: '{ "name": "@flotilla/snapshot", "version": "0.1.0", "dependencies": { "yaml": "^2.9.1" } }',
    allowed: '{ "name": "@flotilla/snapshot", "version": "0.1.0" }',
    reason: 'Unused dependencies: yaml',
  },
  {
    rule: 'a manifest names an entry that is not there',
    tool: 'exports',
    file: 'packages/snapshot/package.json',
    violation: manifest('./dist/missing.js'),
    allowed: manifest('./dist/index.js'),
    reason: 'publint',
    also: {
      'packages/snapshot/dist/index.js': 'export const probe = 0;\n',
      'packages/snapshot/dist/index.d.ts': 'export declare const probe = 0;\n',
    },
  },
  {
    rule: 'a code block of the docs does not compile',
    tool: 'docs',
    file: 'docs/probe.md',
    violation: `${title}\`\`\`ts\nimport { noSuchName } from '@flotilla/core';\n\`\`\`\n`,
    allowed: `${title}\`\`\`ts\nimport { invariant } from '@flotilla/core';\ninvariant(true, 'probe');\n\`\`\`\n`,
    reason: "has no exported member 'noSuchName'",
  },
  ...shapeWalls(),
];

/** @param {string} entry */
function manifest(entry) {
  return JSON.stringify({
    name: '@flotilla/snapshot',
    version: '0.1.0',
    license: 'Apache-2.0',
    type: 'module',
    files: ['dist'],
    exports: { '.': { types: './dist/index.d.ts', default: entry } },
  });
}

/** @returns {import('./wall.mjs').Wall[]} */
function shapeWalls() {
  return [
    ['a file has more than 350 lines', 'packages/core/src/probe-long.ts', '// line\n'.repeat(351), '// line\n'.repeat(350), '351 lines'],
    ['a file exports everything under a name', 'apps/kv/src/probe.ts', "export * as all from './probe.ts';\n", '', 'export *'],
  ].map(([rule = '', file = '', violation = '', allowed = '', reason = '']) => ({ rule, tool: 'shape', file, violation, allowed, reason }));
}
