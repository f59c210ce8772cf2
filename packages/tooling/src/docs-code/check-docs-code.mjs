import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runTool } from '../process/run-tool.mjs';
import { readRepository } from '../shape/read-repository.mjs';
import { codeBlocks, fileBlocks } from './code-blocks.mjs';

const documents = /^(README\.md|CONTRIBUTING\.md|docs\/.*\.md|(packages|apps)\/[^/]+\/README\.md)$/;

/** Files of this repository that documents show: they are compiled and tested where they are. */
const example = /^docs\/examples\//;

/**
 * Type-checks every TypeScript block of the documentation against the sources. Each block is a module of its own. A block that shows an
 * example file has to be that file.
 *
 * @param {string} root
 * @returns {Promise<readonly string[]>} the compiler's messages, with the lines of the documents
 */
export async function checkDocsCode(root) {
  const cache = join(root, '.cache');
  mkdirSync(cache, { recursive: true });
  // Inside the tree, so that the packages' names resolve as they do for everybody else.
  const folder = mkdtempSync(join(cache, 'docs-code-'));
  try {
    const shown = readRepository(root).files.filter(({ path }) => documents.test(path));
    const outdated = shown.flatMap(({ path, text }) => outdatedExamples(root, path, text()));
    for (const { path, text } of shown) {
      for (const { line, code } of codeBlocks(text())) {
        // As many empty lines in front as the document has: then the compiler's line numbers are the document's.
        writeFileSync(join(folder, `${path.replaceAll('/', '--')}.${line}.ts`), '\n'.repeat(line) + code);
      }
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(compilerConfig(relative(folder, root))));
    const { code, output } = await runTool('tsc', ['-p', folder, '--pretty', 'false'], { cwd: folder });
    // TS18003: there is no block at all.
    return code === 0 || output.includes('TS18003') ? outdated : [...outdated, inDocuments(output.trim())];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} root
 * @param {string} path
 * @param {string} markdown
 * @returns {readonly string[]}
 */
function outdatedExamples(root, path, markdown) {
  return fileBlocks(markdown).flatMap(({ line, file, code }) => {
    if (!example.test(file)) return [];
    const target = join(root, file);
    return existsSync(target) && readFileSync(target, 'utf8') === code ? [] : [`${path}:${line}: this is not what ${file} holds`];
  });
}

/** @param {string} toRoot */
function compilerConfig(toRoot) {
  return {
    extends: `${toRoot}/tsconfig.base.json`,
    compilerOptions: {
      composite: false,
      declaration: false,
      declarationMap: false,
      noEmit: true,
      rootDir: toRoot,
      tsBuildInfoFile: null,
      incremental: false,
      types: ['node'],
      noUnusedLocals: false,
      noUnusedParameters: false,
    },
    include: ['*.ts'],
    exclude: [],
  };
}

/** @param {string} output */
function inDocuments(output) {
  return output.replace(
    /^(\S+?\.md)\.\d+\.ts\((\d+),(\d+)\)/gm,
    (_, file, line, column) => `${file.replaceAll('--', '/')}:${line}:${column}`,
  );
}
