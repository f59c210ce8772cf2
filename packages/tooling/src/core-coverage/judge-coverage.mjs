/** The least share of the core's branches that its tests have to take, in percent. */
const branchesMin = 98;

/**
 * @typedef {{ readonly branches: { readonly total: number, readonly covered: number, readonly pct: number } }} FileCoverage
 * @param {Readonly<Record<string, FileCoverage>>} summary istanbul's `json-summary`: by file, and in `total`
 * @returns {import('../process/run-tool.mjs').ToolResult}
 */
export function judgeCoverage(summary) {
  const { total, ...files } = summary;
  if (total === undefined || total.branches.total === 0) return { code: 1, output: 'Nothing was measured.' };
  const { covered, pct } = total.branches;
  const note = `${covered} of ${total.branches.total} branches, ${pct} %`;
  if (pct >= branchesMin) return { code: 0, output: '', note };
  const lacking = Object.entries(files)
    .filter(([, { branches }]) => branches.covered < branches.total)
    .map(([file, { branches }]) => `  ${branches.total - branches.covered} in ${file}`);
  return { code: 1, output: [`The tests of the core take ${note}; ${branchesMin} % are wanted. Not taken:`, ...lacking].join('\n') };
}
