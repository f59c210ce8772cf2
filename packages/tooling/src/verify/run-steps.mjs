import { formatDuration } from '../process/duration.mjs';

/**
 * @typedef {{
 *   readonly name: string,
 *   readonly fix?: string,
 *   readonly run: () => Promise<import('../process/run-tool.mjs').ToolResult>,
 * }} VerifyStep
 */

/**
 * Runs the steps one after the other: a line for each with its duration and what it has to note, below it the whole output of one that failed.
 * A failure does not keep the later steps from running, so that one run tells everything.
 *
 * @param {readonly VerifyStep[]} steps
 * @param {(text: string) => void} print
 * @returns {Promise<readonly string[]>} the names of the steps that failed
 */
export async function runSteps(steps, print) {
  const width = Math.max(...steps.map(({ name }) => name.length));
  const failed = [];
  for (const { name, run, fix } of steps) {
    const began = Date.now();
    const { code, output, note } = await run();
    const passed = code === 0;
    print(
      `${passed ? '✓' : '✗'} ${name.padEnd(width)}  ${formatDuration(Date.now() - began).padStart(9)}${passed && note ? `  ${note}` : ''}`,
    );
    if (passed) continue;
    failed.push(name);
    print(`\n${indent(output.trim() || `exit code ${code}, nothing printed`)}\n`);
    if (fix) print(`    Try: ${fix}\n`);
  }
  return failed;
}

/** @param {string} text */
function indent(text) {
  return text.replace(/^(?=.)/gm, '    ');
}
