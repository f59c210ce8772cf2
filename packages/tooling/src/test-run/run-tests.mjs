import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../process/repository-root.mjs';
import { runAttached } from '../process/run-tool.mjs';
import { countLine } from './count-tests.mjs';

const vitest = join(repositoryRoot, 'node_modules', '.bin', 'vitest');
const reporter = join(repositoryRoot, 'packages', 'tooling', 'src', 'test-run', 'count-reporter.mjs');

/**
 * Runs the tests on the caller's terminal and ends with the count line, alone on its line.
 *
 * @param {readonly string[]} args for vitest, for example part of a file's name
 * @returns {Promise<number>} the exit code
 */
export async function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-tests-'));
  const countsFile = join(folder, 'counts.json');
  try {
    const code = await runAttached(vitest, ['run', '--reporter=default', `--reporter=${reporter}`, ...args], {
      FLOTILLA_TEST_COUNTS: countsFile,
    });
    const counts = readCounts(countsFile);
    // A run that failed for a reason outside of the tests still has to say so in its last line.
    const failed = code === 0 ? counts.failed : Math.max(1, counts.failed);
    process.stdout.write(`\n${countLine({ ...counts, failed })}\n`);
    return failed > 0 ? Math.max(1, code) : 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} file
 * @returns {import('./count-tests.mjs').TestCounts}
 */
function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
