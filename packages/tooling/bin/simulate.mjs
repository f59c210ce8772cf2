#!/usr/bin/env node
// `npm run simulate [-- options]`: `flotilla simulate` from the sources, built first where they are newer.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '../src/process/repository-root.mjs';
import { stopWithParent } from '../src/process/stop-with-parent.mjs';
import { ensureReady } from '../src/ready/ensure-ready.mjs';

stopWithParent();
if (await ensureReady()) {
  const main = join(repositoryRoot, 'apps', 'cli', 'dist', 'main.js');
  process.argv = [process.execPath, main, 'simulate', ...process.argv.slice(2)];
  await import(pathToFileURL(main).href);
} else {
  process.exitCode = 1;
}
