/** @typedef {(file: import('./read-repository.mjs').SourceFile) => readonly string[]} FileRule */

const linesMax = 350;
const emptyWords = /^(utils?|common|helpers?|misc)$/;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const spelledByCustom = new Set(['README.md', 'LICENSE', 'CONTRIBUTING.md', 'CHANGELOG.md', 'NOTICE', 'Dockerfile']);
const source = /\.(ts|tsx|mjs)$/;

/** @type {FileRule} */
function isShort({ path, text }) {
  if (!source.test(path) || isTest(path)) return [];
  const lines = text().split('\n').length - 1;
  return lines > linesMax ? [`${lines} lines; more than ${linesMax} hide more than one subject`] : [];
}

/** @type {FileRule} */
function saysWhatItHolds({ path }) {
  const empty = path
    .split('/')
    .filter((name) => emptyWords.test(name.replace(/\..*$/, '')) || name.split(/[-.]/).some((word) => emptyWords.test(word)));
  return empty.map((name) => `"${name}" says nothing about what is inside`);
}

/** @type {FileRule} */
function isKebabCase({ path }) {
  const names = path.split('/').filter((name) => !name.startsWith('.') && !spelledByCustom.has(name) && !kebabCase.test(name));
  return names.map((name) => `"${name}" is not kebab-case`);
}

/** @type {FileRule} */
function namesItsExports({ path, text }) {
  return source.test(path) && /^export \*/m.test(text()) ? ['"export *" hides what is public; list the names'] : [];
}

/** @param {string} path */
export function isTest(path) {
  return /\.test\.ts$|\/test\/|\/testdata\//.test(path);
}

/** @type {readonly FileRule[]} */
export const fileRules = [isShort, saysWhatItHolds, isKebabCase, namesItsExports];
