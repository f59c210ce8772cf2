#!/usr/bin/env node
// `npm run build`: all packages in order, from turbo's local cache where nothing changed.
import { join } from 'node:path';
import { repositoryRoot } from '../src/process/repository-root.mjs';
import { quietEnvironment, runAttached } from '../src/process/run-tool.mjs';

const turbo = join(repositoryRoot, 'node_modules', '.bin', 'turbo');
process.exitCode = await runAttached(turbo, ['run', 'build', '--ui=stream', ...process.argv.slice(2)], quietEnvironment);
