import { join } from 'node:path';
import { checkDocsCode } from '../docs-code/check-docs-code.mjs';
import { checkPackageExports } from '../exports/check-exports.mjs';
import { runTool } from '../process/run-tool.mjs';
import { checkShape } from '../shape/check-shape.mjs';
import { readRepository } from '../shape/read-repository.mjs';

/**
 * How a tool is asked, and what it says about one file. `alone`: violations of several walls would blur each other, so that
 * they are planted one after the other.
 *
 * @typedef {{
 *   readonly alone: boolean,
 *   run(root: string): Promise<import('../process/run-tool.mjs').ToolResult>,
 *   about(output: string, root: string, file: string): readonly string[],
 * }} Judge
 */

/** @type {Readonly<Record<import('./wall.mjs').WallTool, Judge>>} */
export const judges = {
  biome: {
    alone: false,
    run: (root) => runTool('biome', ['lint', '--reporter=github', '--error-on-warnings', '--max-diagnostics=none', '.'], { cwd: root }),
    about: (output, root, file) => linesWith(output, `file=${join(root, file)},`),
  },
  tsc: {
    alone: false,
    run: (root) => runTool('tsc', ['-b', 'packages/core', 'packages/state-machine', '--pretty', 'false'], { cwd: root }),
    about: (output, _, file) => linesWith(output, `${file}(`),
  },
  turbo: {
    alone: true,
    run: (root) => runTool('turbo', ['boundaries'], { cwd: root }),
    // One message may fill several lines, with a bar in front of the continued ones; it names packages, not files.
    about: (output) =>
      output
        .replace(/\s*\n\s+\|\s+/g, ' ')
        .split(/\n {2}x /)
        .slice(1),
  },
  knip: {
    alone: true,
    run: (root) => runTool('knip', ['--no-progress'], { cwd: root }),
    about: (output) => underHeadings(output),
  },
  exports: {
    alone: true,
    run: async (root) => asResult(await checkPackageExports(root, 'packages/snapshot')),
    about: (output) => (output === '' ? [] : [output]),
  },
  docs: {
    alone: false,
    run: async (root) => asResult(await checkDocsCode(root)),
    about: (output, _, file) => linesWith(output, `${file}:`),
  },
  shape: {
    alone: false,
    run: async (root) => asResult(checkShape(readRepository(root))),
    about: (output, _, file) => linesWith(output, `${file}: `),
  },
};

/**
 * @param {string} output
 * @param {string} part
 */
function linesWith(output, part) {
  return output.split('\n').filter((line) => line.includes(part));
}

/** Knip prints a heading like "Unused files (2)" for each kind of finding. @param {string} output */
function underHeadings(output) {
  let heading = '';
  return output.split('\n').map((line) => {
    const found = /^(.*) \(\d+\)$/.exec(line);
    if (found) heading = found[1] ?? '';
    return `${heading}: ${line}`;
  });
}

/**
 * @param {readonly string[]} problems
 * @returns {import('../process/run-tool.mjs').ToolResult}
 */
function asResult(problems) {
  return { code: problems.length === 0 ? 0 : 1, output: problems.join('\n') };
}
