#!/usr/bin/env node
// `npm test [-- filter]`: everything ready, then the tests, then one line with the counts.
import { stopWithParent } from '../src/process/stop-with-parent.mjs';
import { ensureReady } from '../src/ready/ensure-ready.mjs';
import { countLine } from '../src/test-run/count-tests.mjs';
import { runTests } from '../src/test-run/run-tests.mjs';

stopWithParent();
if (await ensureReady()) {
  process.exitCode = await runTests(process.argv.slice(2));
} else {
  process.stdout.write(`\n${countLine({ passed: 0, failed: 1, skipped: 0 })}\n`);
  process.exitCode = 1;
}
