import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'vite';

/** A replacement in a source file, to plant a defect. */
export interface Edit {
  /** What the path of the file ends with. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A program as one file that Node can run by itself. */
export interface Bundle {
  readonly program: string;
  remove(): Promise<void>;
}

/** Bundles `entry`, with defects where some are given. */
export async function bundleProgram(entry: string, edits: readonly Edit[] = []): Promise<Bundle> {
  // Below this package, so that the bundle finds lmdb.
  const cache = join(import.meta.dirname, '../../node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const outDir = await mkdtemp(join(cache, 'program-'));
  await build({
    configFile: false,
    logLevel: 'silent',
    plugins: edits.map(planted),
    build: { ssr: entry, outDir, target: 'node20', minify: false, rollupOptions: { output: { entryFileNames: 'program.mjs' } } },
    ssr: { noExternal: [/^@flotilla\//], resolve: { conditions: ['source'] } },
  });
  return { program: join(outDir, 'program.mjs'), remove: () => rm(outDir, { recursive: true, force: true }) };
}

function planted({ file, from, to }: Edit): Plugin {
  return {
    name: 'planted-defect',
    transform(code, id) {
      if (!id.endsWith(file)) return null;
      if (!code.includes(from)) throw new Error(`${file} has no "${from}" to plant a defect in`);
      return code.replace(from, to);
    },
  };
}
