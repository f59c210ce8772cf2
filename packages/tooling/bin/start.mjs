#!/usr/bin/env node
// `npm start [-- app and options]`: a cluster of the app (kv unless named) on this machine.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryRoot } from '../src/process/repository-root.mjs';
import { stopWithParent } from '../src/process/stop-with-parent.mjs';
import { ensureReady } from '../src/ready/ensure-ready.mjs';

stopWithParent();
if (await ensureReady()) {
  const [first, ...rest] = process.argv.slice(2);
  const app = first === undefined || first.startsWith('-') ? ['kv', ...(first === undefined ? [] : [first])] : [first];
  const main = join(repositoryRoot, 'apps', 'cli', 'dist', 'main.js');
  // The command runs in this very process: one receiver for Ctrl-C, one exit code, nobody to leave behind.
  process.argv = [process.execPath, main, 'dev', ...app, ...rest];
  await import(pathToFileURL(main).href);
} else {
  process.exitCode = 1;
}
