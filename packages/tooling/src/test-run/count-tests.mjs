/** @typedef {{ readonly passed: number, readonly failed: number, readonly skipped: number }} TestCounts */

/**
 * Counts the tests of a run. A file or suite that broke outside of its tests, and an error that no test caught, count as
 * one failure each: a run that failed never reads "0 failed".
 *
 * @param {ReadonlyArray<Pick<import('vitest/node').TestModule, 'children' | 'errors'>>} modules
 * @param {ReadonlyArray<unknown>} unhandledErrors
 * @returns {TestCounts}
 */
export function countTests(modules, unhandledErrors) {
  const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
  for (const module of modules) {
    if (module.errors().length > 0) counts.failed++;
    for (const suite of module.children.allSuites()) if (suite.errors().length > 0) counts.failed++;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') counts.passed++;
      else if (state === 'skipped') counts.skipped++;
      else counts.failed++;
    }
  }
  return counts;
}

/**
 * The last line of every test run.
 *
 * @param {TestCounts} counts
 */
export function countLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
