/** @typedef {(repository: import('./read-repository.mjs').Repository) => readonly string[]} PackageRule */

const topLevel = new Set(
  'package.json package-lock.json tsconfig.json tsconfig.base.json tsconfig.tests.json turbo.json biome.json knip.json vitest.config.ts packages apps docs README.md LICENSE CONTRIBUTING.md'.split(
    ' ',
  ),
);

/** @type {PackageRule} */
function topLevelIsKnown({ files }) {
  const names = new Set(files.map(({ path }) => path.split('/')[0] ?? ''));
  return [...names].filter((name) => !name.startsWith('.') && !topLevel.has(name)).map((name) => `${name}: has no place at the top level`);
}

/** @type {PackageRule} */
function everyPackageHasReadme({ files }) {
  const readmes = new Set(files.filter(({ path }) => /^(packages|apps)\/[^/]+\/README\.md$/.test(path)).map(({ path }) => folderOf(path)));
  const folders = new Set(files.filter(({ path }) => /^(packages|apps)\/[^/]+\//.test(path)).map(({ path }) => folderOf(path)));
  return [...folders].filter((folder) => !readmes.has(folder)).map((folder) => `${folder}: has no README.md`);
}

/** @type {PackageRule} */
function manifestsAgree({ files }) {
  const manifests = files.filter(({ path }) => /^(packages|apps)\/[^/]+\/package\.json$/.test(path));
  const versions = new Set(manifests.map(({ text }) => JSON.parse(text()).version));
  const breaches = versions.size > 1 ? [`packages: have more than one version (${[...versions].join(', ')})`] : [];
  for (const { path, text } of manifests) {
    const expected = `@flotilla/${folderOf(path).split('/')[1]}`;
    const { name } = JSON.parse(text());
    if (name !== expected) breaches.push(`${path}: is named ${name}, its folder says ${expected}`);
  }
  return breaches;
}

/** The build order is in the references; a dependency without one builds only by luck. @type {PackageRule} */
function referencesFollowDependencies({ files }) {
  const configs = new Map(
    files.filter(({ path }) => /^((packages|apps)\/[^/]+\/)?tsconfig\.json$/.test(path)).map((file) => [file.path, file]),
  );
  const built = JSON.stringify(JSON.parse(configs.get('tsconfig.json')?.text() ?? '{}'));
  const breaches = [];
  for (const { path, text } of files.filter(({ path }) => /^(packages|apps)\/[^/]+\/package\.json$/.test(path))) {
    const folder = folderOf(path);
    const config = configs.get(`${folder}/tsconfig.json`)?.text();
    if (config === undefined) continue;
    if (!built.includes(`"${folder}"`)) breaches.push(`tsconfig.json: does not build ${folder}`);
    for (const dependency of Object.keys(JSON.parse(text()).dependencies ?? {})) {
      const [scope, name] = dependency.split('/');
      if (scope === '@flotilla' && !new RegExp(`/${name}"`).test(config))
        breaches.push(`${folder}/tsconfig.json: has no reference to ${dependency}`);
    }
  }
  return breaches;
}

/** `leader.test.ts` and `leader-rules.test.ts` both stand beside `leader.ts`. @type {PackageRule} */
function testsStandBesideTheirSubject({ files }) {
  const paths = files.map(({ path }) => path);
  const subjects = new Set(paths.filter((path) => /\.(ts|tsx|mjs)$/.test(path)).map((path) => path.replace(/\.\w+$/, '')));
  return paths
    .filter((path) => /\/src\/.*\.test\.ts$/.test(path) && !possibleSubjects(path).some((subject) => subjects.has(subject)))
    .map((path) => `${path}: stands beside no file of its name; longer tests belong under test/`);
}

/** @param {string} test */
function possibleSubjects(test) {
  const [folder, name] = [test.slice(0, test.lastIndexOf('/')), test.slice(test.lastIndexOf('/') + 1).replace(/\.test\.ts$/, '')];
  const words = name.split('-');
  return words.map((_, last) => `${folder}/${words.slice(0, last + 1).join('-')}`);
}

/** @param {string} path */
function folderOf(path) {
  return path.split('/').slice(0, 2).join('/');
}

/** @type {readonly PackageRule[]} */
export const packageRules = [
  topLevelIsKnown,
  everyPackageHasReadme,
  manifestsAgree,
  referencesFollowDependencies,
  testsStandBesideTheirSubject,
];
