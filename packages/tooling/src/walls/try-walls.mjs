import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../process/repository-root.mjs';
import { directionWalls } from './direction-walls.mjs';
import { judges } from './judges.mjs';
import { lintWalls } from './lint-walls.mjs';
import { orderWalls } from './order-walls.mjs';
import { purityWalls } from './purity-walls.mjs';
import { copyRepository } from './repository-copy.mjs';
import { typeWalls } from './type-walls.mjs';

/**
 * @typedef {import('./wall.mjs').Wall} Wall
 * @typedef {{ readonly wall: Wall, readonly caught: boolean, readonly detail: string }} Verdict
 */

/** @returns {readonly Wall[]} */
export function allWalls() {
  /** @param {string} name */
  const manifestOf = (name) => JSON.parse(readFileSync(join(repositoryRoot, 'packages', name, 'package.json'), 'utf8'));
  return [...purityWalls, ...typeWalls, ...lintWalls, ...directionWalls(manifestOf), ...orderWalls];
}

/**
 * Plants each wall's violation in a copy of the repository and asks the wall's tool, once without and once with it. A
 * violation is caught only if the tool says nothing of the kind without it, and fails for the planted reason with it.
 *
 * @param {readonly Wall[]} walls
 * @returns {Promise<readonly Verdict[]>}
 */
export async function tryWalls(walls) {
  const verdicts = [];
  for (const tool of new Set(walls.map((wall) => wall.tool))) {
    const copy = copyRepository(repositoryRoot);
    try {
      verdicts.push(
        ...(await tryTool(
          copy,
          tool,
          walls.filter((wall) => wall.tool === tool),
        )),
      );
    } finally {
      copy.remove();
    }
  }
  return verdicts;
}

/**
 * @param {import('./repository-copy.mjs').RepositoryCopy} copy
 * @param {import('./wall.mjs').WallTool} tool
 * @param {readonly Wall[]} walls
 */
async function tryTool(copy, tool, walls) {
  const judge = judges[tool];
  for (const { also = {} } of walls) for (const [path, text] of Object.entries(also)) copy.write(path, text);
  for (const { file, allowed } of walls) copy.write(file, allowed);
  const without = await judge.run(copy.root);
  const verdicts = [];
  for (const planted of judge.alone ? walls.map((wall) => [wall]) : [walls]) {
    for (const { file, violation } of planted) copy.write(file, violation);
    const withThem = await judge.run(copy.root);
    for (const { file, allowed } of planted) copy.write(file, allowed);
    verdicts.push(...planted.map((wall) => verdictOn(wall, copy.root, without, withThem)));
  }
  return verdicts;
}

/**
 * @param {Wall} wall
 * @param {string} root
 * @param {import('../process/run-tool.mjs').ToolResult} without
 * @param {import('../process/run-tool.mjs').ToolResult} withIt
 * @returns {Verdict}
 */
function verdictOn(wall, root, without, withIt) {
  /** @param {string} output */
  const findingIn = (output) => judges[wall.tool].about(output, root, wall.file).find((message) => message.includes(wall.reason));
  const before = findingIn(without.output);
  if (before !== undefined) return { wall, caught: false, detail: `objects without the violation too: ${before}` };
  if (withIt.code === 0) return { wall, caught: false, detail: 'the tool is content' };
  if (findingIn(withIt.output) === undefined)
    return { wall, caught: false, detail: `fails, but not for this:\n${withIt.output.slice(-2_000)}` };
  return { wall, caught: true, detail: '' };
}
