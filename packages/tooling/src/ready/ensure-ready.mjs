import { join } from 'node:path';
import { formatDuration } from '../process/duration.mjs';
import { repositoryRoot } from '../process/repository-root.mjs';
import { runProgram, runTool } from '../process/run-tool.mjs';
import { staleReason } from './installed-packages.mjs';
import { isNodeNewEnough, oldestNode } from './node-version.mjs';
import { oneAtATime } from './turn-taking.mjs';

/** A builder that finds nothing stale is done within this time; then there is nothing to tell. */
const unremarkableMs = 3_000;

/**
 * Makes a fresh clone runnable and leaves a ready one alone: right Node, dependencies installed, everything built.
 * Prints a line for each thing it had to do, and the whole output of a step that failed.
 *
 * @returns {Promise<boolean>} whether all is ready
 */
export async function ensureReady() {
  if (!isNodeNewEnough(process.version)) {
    say(`Flotilla needs Node ${oldestNode} or newer; this is ${process.version}.`);
    return false;
  }
  return oneAtATime(
    join(repositoryRoot, '.cache', 'ensure-ready.lock'),
    async () => (await installIfStale()) && (await build()),
    (owner) => say(`Waiting for process ${owner}, which is installing or building…`),
  );
}

async function installIfStale() {
  const reason = staleReason(repositoryRoot);
  if (reason === undefined) return true;
  say(`Installing dependencies (${reason})…`);
  return step('Installed', () => runProgram(npm.program, [...npm.args, 'ci', '--no-audit', '--no-fund'], { cwd: repositoryRoot }));
}

function build() {
  return step('Built', () => runTool('tsc', ['-b', '--pretty', 'false']), unremarkableMs);
}

/** Under `npm start` npm says where it is; so the same npm is used, whatever the PATH says. */
const npm = process.env.npm_execpath
  ? { program: process.execPath, args: [process.env.npm_execpath] }
  : { program: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] };

/**
 * @param {string} done
 * @param {() => Promise<import('../process/run-tool.mjs').ToolResult>} run
 * @param {number} [quietMs]
 */
async function step(done, run, quietMs = 0) {
  const began = Date.now();
  const { code, output } = await run();
  const tookMs = Date.now() - began;
  if (code !== 0) say(output.trimEnd());
  else if (tookMs > quietMs) say(`${done} in ${formatDuration(tookMs)}.`);
  return code === 0;
}

/**
 * To standard error, so that what a started program prints stays clean.
 *
 * @param {string} text
 */
function say(text) {
  process.stderr.write(`${text}\n`);
}
