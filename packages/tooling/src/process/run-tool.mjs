import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from './repository-root.mjs';

/**
 * `note` is what a reader should know of a run that passed, in a few words.
 *
 * @typedef {{ readonly code: number, readonly output: string, readonly note?: string }} ToolResult
 */

/** Keeps tools from phoning home, asking questions and colouring what a person may read in a log file. */
export const quietEnvironment = {
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  DO_NOT_TRACK: '1',
  NO_UPDATE_NOTIFIER: '1',
  NO_COLOR: '1',
};

/**
 * Runs a program to its end and keeps what it printed, both streams in the order of arrival.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ readonly cwd?: string }} [options]
 * @returns {Promise<ToolResult>}
 */
export function runProgram(program, args, { cwd = repositoryRoot } = {}) {
  return new Promise((resolve) => {
    // Without this, a tool started from within vitest or a coloured shell would inherit its wish for colours.
    const { FORCE_COLOR: _, ...environment } = process.env;
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...environment, ...quietEnvironment } });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    // Nobody else ends the program: what it was about to change must not go on changing behind our back.
    /** @type {(signal: NodeJS.Signals) => void} */
    const interrupt = (signal) => {
      child.kill('SIGTERM');
      child.once('close', () => process.exit(signal === 'SIGINT' ? 130 : 143));
    };
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    child.on('close', () => process.off('SIGINT', interrupt).off('SIGTERM', interrupt));
    child.on('error', (error) => resolve({ code: 127, output: `${program}: ${error.message}\n` }));
    child.on('close', (code, signal) =>
      resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString() + (signal ? `${program}: ended by ${signal}\n` : '') }),
    );
  });
}

/**
 * Runs one of the repository's development tools by its command name.
 *
 * @param {string} name
 * @param {readonly string[]} args
 * @param {{ readonly cwd?: string }} [options]
 */
export function runTool(name, args, options) {
  return runProgram(join(repositoryRoot, 'node_modules', '.bin', name), args, options);
}

/**
 * Runs a program on the caller's own terminal. A Ctrl-C reaches the whole process group, so it only has to be survived
 * here; a SIGTERM reaches this process alone and is passed on.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, string>>} [environment]
 * @returns {Promise<number>} the exit code, 128 + n where a signal ended it
 */
export function runAttached(program, args, environment = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: repositoryRoot, stdio: 'inherit', env: { ...process.env, ...environment } });
    const survive = () => {};
    const pass = () => child.kill('SIGTERM');
    process.on('SIGINT', survive);
    process.on('SIGTERM', pass);
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      process.off('SIGINT', survive);
      process.off('SIGTERM', pass);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}
