import { writeFileSync } from 'node:fs';
import { countTests } from './count-tests.mjs';

/** A vitest reporter that leaves the counts of the run in the file that FLOTILLA_TEST_COUNTS names. */
export default class CountReporter {
  /**
   * @param {ReadonlyArray<import('vitest/node').TestModule>} modules
   * @param {ReadonlyArray<unknown>} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const file = process.env.FLOTILLA_TEST_COUNTS;
    if (file) writeFileSync(file, JSON.stringify(countTests(modules, unhandledErrors)));
  }
}
