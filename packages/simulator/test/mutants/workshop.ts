import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Plugin, rolldown } from 'rolldown';
import type { Attempt } from './attempt.ts';
import type { Edit } from './mutant.ts';
import { MutantError } from './mutant-error.ts';

/** What is no source of ours stays outside of a bundle. */
const external = /^(?!@flotilla\/|@oxc-project\/)[@a-z]/;

/**
 * Builds the simulator with all production code from the sources into one module, changed as a mutant wants it. Nothing of that
 * is ever in a package: it lies in a directory of its own, which {@link Workshop.close} removes.
 */
export class Workshop {
  readonly #packages: string;
  readonly #directory: string;
  #built = 0;

  private constructor(root: string, directory: string) {
    this.#packages = join(root, 'packages/');
    this.#directory = directory;
  }

  /** `root`: of the repository. What is built lies below its `node_modules`, to find the libraries that it does not contain. */
  static async open(root: string): Promise<Workshop> {
    const bundles = join(root, 'node_modules/.cache/mutants');
    await mkdir(bundles, { recursive: true });
    return new Workshop(root, await mkdtemp(join(bundles, 'build-')));
  }

  /** Throws `mutant_out_of_date` where an edit does not fit the sources. */
  async build(edits: readonly Edit[]): Promise<Attempt> {
    const file = join(this.#directory, `${this.#built++}.mjs`);
    const edited = await this.#edited(edits);
    const used = new Set<string>();
    const bundle = await rolldown({
      input: join(this.#packages, 'simulator/test/mutants/attempt.ts'),
      platform: 'node',
      external,
      resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
      plugins: [replacing(edited, used)],
    });
    await bundle.write({ file, format: 'esm' });
    await bundle.close();
    for (const path of edited.keys()) if (!used.has(path)) throw new MutantError(`${path} is no part of what hosts and clients run`);
    const built = (await import(pathToFileURL(file).href)) as { readonly attempt: Attempt };
    return built.attempt;
  }

  /** The texts of the sources that are not as they were. */
  async #edited(edits: readonly Edit[]): Promise<ReadonlyMap<string, string>> {
    const texts = new Map<string, string>();
    for (const edit of edits) {
      const path = join(this.#packages, edit.file);
      texts.set(path, changed(texts.get(path) ?? (await readFile(path, 'utf8')), edit));
    }
    return texts;
  }

  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function replacing(texts: ReadonlyMap<string, string>, used: Set<string>): Plugin {
  return {
    name: 'mutant',
    load(path) {
      const code = texts.get(path);
      if (code === undefined) return null;
      used.add(path);
      return { code, moduleType: 'ts' };
    },
  };
}

function changed(text: string, { file, find, replace }: Edit): string {
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0)
    throw new MutantError(`${file} has ${JSON.stringify(find)} ${more.length + (after === undefined ? 0 : 1)} times, not once`);
  return before + replace + after;
}
