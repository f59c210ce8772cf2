import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram, runTool } from '../process/run-tool.mjs';

/**
 * Packs every publishable package as npm would and lets two judges look at the result: publint (is what the manifest
 * names really there) and attw (does every entry resolve, with types, for users of ES modules).
 *
 * @param {string} root
 * @returns {Promise<readonly string[]>}
 */
export async function checkExports(root) {
  const problems = [];
  for (const workspace of publishable(root)) problems.push(...(await checkPackageExports(root, workspace)));
  return problems;
}

/**
 * @param {string} root
 * @param {string} workspace for example `packages/core`
 * @returns {Promise<readonly string[]>}
 */
export async function checkPackageExports(root, workspace) {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-exports-'));
  try {
    // In the package's own folder npm does not ask whether the root knows it as a workspace.
    const packed = await runProgram('npm', ['pack', '--pack-destination', folder, '--json'], { cwd: join(root, workspace) });
    const tarball = readdirSync(folder)[0];
    if (packed.code !== 0 || !tarball) return [`${workspace}: cannot be packed\n${packed.output}`];
    return await judge(root, workspace, join(folder, tarball));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} root
 * @param {string} workspace
 * @param {string} tarball
 */
async function judge(root, workspace, tarball) {
  const { exports } = JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8'));
  const runs = [{ tool: 'publint', args: ['run', tarball, '--strict'] }];
  // A package that is only a command has no entry to resolve.
  if (exports) runs.push({ tool: 'attw', args: [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji'] });
  const problems = [];
  for (const { tool, args } of runs) {
    const { code, output } = await runTool(tool, args, { cwd: root });
    if (code !== 0) problems.push(`${workspace}: ${tool}\n${output}`);
  }
  return problems;
}

/** @param {string} root */
function publishable(root) {
  return ['packages', 'apps']
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
    .filter((workspace) => existsSync(join(root, workspace, 'package.json')))
    .filter((workspace) => JSON.parse(readFileSync(join(root, workspace, 'package.json'), 'utf8')).private !== true);
}
