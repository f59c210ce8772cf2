import { defineConfig } from 'vitest/config';

const processes = '**/test/e2e/**/*.test.ts';
const repository = 'packages/tooling/test/**/*.test.ts';
const everything = ['packages/**/*.test.ts', 'apps/**/*.test.ts', 'docs/**/*.test.ts'];
const leftBehind = ['**/node_modules/**', '**/dist/**'];

// Tests run against the sources: the `source` condition of every package's exports names its TypeScript entry.
const conditions = ['source', 'module', 'node', 'import', 'default'];

// Three groups, one after the other: what starts processes measures time and shall not share the machine with the rest.
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: { provider: 'v8', include: ['packages/core/src/**/*.ts'], exclude: ['**/*.test.ts'] },
    projects: [
      {
        extends: true,
        test: { name: 'packages', include: everything, exclude: [...leftBehind, processes, repository], sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: 'processes', include: [processes], exclude: leftBehind, fileParallelism: false, sequence: { groupOrder: 1 } },
      },
      { extends: true, test: { name: 'repository', include: [repository], exclude: leftBehind, sequence: { groupOrder: 2 } } },
    ],
  },
});
