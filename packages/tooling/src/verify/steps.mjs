import { checkCoreCoverage } from '../core-coverage/check-core-coverage.mjs';
import { checkDocsCode } from '../docs-code/check-docs-code.mjs';
import { checkExports } from '../exports/check-exports.mjs';
import { repositoryRoot } from '../process/repository-root.mjs';
import { runProgram, runTool } from '../process/run-tool.mjs';
import { checkShape } from '../shape/check-shape.mjs';
import { readRepository } from '../shape/read-repository.mjs';

/**
 * The gate, cheapest first. The walls are not a step of their own: their test plants every violation.
 *
 * @type {readonly import('./run-steps.mjs').VerifyStep[]}
 */
export const verifySteps = [
  { name: 'shape', run: async () => report(checkShape(readRepository(repositoryRoot))) },
  {
    name: 'format+lint',
    run: () => runTool('biome', ['check', '--error-on-warnings', '--max-diagnostics=none']),
    fix: 'npm run format',
  },
  { name: 'types', run: () => runTool('tsc', ['-b', '--pretty', 'false']) },
  { name: 'types of tests', run: () => runTool('tsc', ['-p', 'tsconfig.tests.json', '--pretty', 'false']) },
  { name: 'boundaries', run: () => runTool('turbo', ['boundaries']) },
  { name: 'unused code', run: () => runTool('knip', ['--no-progress']) },
  { name: 'exports', run: async () => report(await checkExports(repositoryRoot)) },
  { name: 'code in docs', run: async () => report(await checkDocsCode(repositoryRoot)) },
  { name: 'core coverage', run: checkCoreCoverage },
  { name: 'tests', run: () => runProgram(process.execPath, ['packages/tooling/bin/test.mjs']) },
];

/**
 * @param {readonly string[]} problems
 * @returns {import('../process/run-tool.mjs').ToolResult}
 */
function report(problems) {
  return { code: problems.length === 0 ? 0 : 1, output: problems.join('\n') };
}
