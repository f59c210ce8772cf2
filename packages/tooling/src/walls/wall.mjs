/**
 * A wall: a rule that a tool enforces, with a violation of it and the nearest thing that is allowed.
 *
 * @typedef {'biome' | 'tsc' | 'turbo' | 'knip' | 'exports' | 'shape' | 'docs'} WallTool
 * @typedef {{
 *   readonly rule: string,
 *   readonly tool: WallTool,
 *   readonly file: string,
 *   readonly violation: string,
 *   readonly allowed: string,
 *   readonly reason: string,
 *   readonly also?: Readonly<Record<string, string>>,
 * }} Wall
 *
 * - `rule`: what must not be, in words
 * - `file`: where the violation is planted
 * - `violation`, `allowed`: the file's text with and without it
 * - `reason`: what the tool's message for that file must contain; another message is no catch
 * - `also`: files that have to be there in both cases
 */

/**
 * Test suites and type checkers know a wall under this name.
 *
 * @param {Wall} wall
 */
export function titleOf({ rule, tool }) {
  return `${rule} (${tool})`;
}
