import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from '../process/run-tool.mjs';
import { judgeCoverage } from './judge-coverage.mjs';

/**
 * Runs the core's unit tests, transcripts and table of messages, and says how many of its branches they take. Its random schedules
 * are left out: what only chance finds is not tested.
 *
 * @returns {Promise<import('../process/run-tool.mjs').ToolResult>}
 */
export async function checkCoreCoverage() {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-coverage-'));
  try {
    const run = await runTool('vitest', [
      'run',
      'packages/core/src/',
      'packages/core/test/scenario.test.ts',
      'packages/core/test/messages.test.ts',
      'packages/core/test/late-answers.test.ts',
      '--coverage.enabled',
      '--coverage.include=packages/core/src/**/*.ts',
      '--coverage.exclude=**/*.test.ts',
      '--coverage.reporter=json-summary',
      `--coverage.reportsDirectory=${folder}`,
    ]);
    if (run.code !== 0) return run;
    return judgeCoverage(JSON.parse(readFileSync(join(folder, 'coverage-summary.json'), 'utf8')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
