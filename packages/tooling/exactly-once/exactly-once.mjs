// Increments a counter from eight clients while the leader is killed with -9 again and again: in the end it has to be exactly what was
// counted.
//
//   npm run exactly-once [-- --increments 20000] [--kills 50]
//
// It is the test of that name with more of everything, and fails as a test does.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '../src/process/repository-root.mjs';
import { runAttached } from '../src/process/run-tool.mjs';
import { stopWithParent } from '../src/process/stop-with-parent.mjs';
import { ensureReady } from '../src/ready/ensure-ready.mjs';

const { values } = parseArgs({ options: { increments: { type: 'string', default: '20000' }, kills: { type: 'string', default: '50' } } });

stopWithParent();
if (await ensureReady()) {
  const vitest = join(repositoryRoot, 'node_modules', '.bin', 'vitest');
  process.exitCode = await runAttached(vitest, ['run', 'docs/test/e2e/exactly-once.test.ts'], {
    EXACTLY_ONCE_INCREMENTS: values.increments,
    EXACTLY_ONCE_KILLS: values.kills,
  });
} else {
  process.exitCode = 1;
}
