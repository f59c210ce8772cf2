export const oldestNode = '20.19.0';

/**
 * Whether the Node version `version` (like `v20.19.3`) is new enough.
 *
 * @param {string} version
 * @param {string} [oldest]
 */
export function isNodeNewEnough(version, oldest = oldestNode) {
  const have = numbersOf(version);
  for (const [place, wanted] of numbersOf(oldest).entries()) {
    const found = have[place] ?? 0;
    if (found !== wanted) return found > wanted;
  }
  return true;
}

/** @param {string} version */
function numbersOf(version) {
  return version
    .replace(/^v/, '')
    .split('.')
    .map((part) => Number.parseInt(part, 10));
}
