import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { runTool } from '../process/run-tool.mjs';
import { readRepository } from '../shape/read-repository.mjs';
import { codeBlocks } from './code-blocks.mjs';

const documents = /^(README\.md|CONTRIBUTING\.md|docs\/.*\.md|(packages|apps)\/[^/]+\/README\.md)$/;

/**
 * Type-checks every TypeScript block of the documentation against the sources. Each block is a module of its own.
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
    for (const { path, text } of readRepository(root).files.filter(({ path }) => documents.test(path))) {
      for (const { line, code } of codeBlocks(text())) {
        // As many empty lines in front as the document has: then the compiler's line numbers are the document's.
        writeFileSync(join(folder, `${path.replaceAll('/', '--')}.${line}.ts`), '\n'.repeat(line) + code);
      }
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(compilerConfig(relative(folder, root))));
    const { code, output } = await runTool('tsc', ['-p', folder, '--pretty', 'false'], { cwd: folder });
    // TS18003: there is no block at all.
    return code === 0 || output.includes('TS18003') ? [] : [inDocuments(output.trim())];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
