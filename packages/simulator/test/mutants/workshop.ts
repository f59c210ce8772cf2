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
    const edited = new Set<string>();
    const bundle = await rolldown({
      input: join(this.#packages, 'simulator/test/mutants/attempt.ts'),
      platform: 'node',
      external,
      resolve: { conditionNames: ['source', 'import', 'node', 'default'] },
      plugins: [editing(this.#packages, edits, edited)],
    });
    await bundle.write({ file, format: 'esm' });
    await bundle.close();
    const unused = edits.find((edit) => !edited.has(edit.file));
    if (unused !== undefined) throw new MutantError(`${unused.file} is no part of what hosts and clients run`);
    const built = (await import(pathToFileURL(file).href)) as { readonly attempt: Attempt };
    return built.attempt;
  }

  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function editing(packages: string, edits: readonly Edit[], edited: Set<string>): Plugin {
  return {
    name: 'mutant',
    async load(id) {
      const file = id.slice(packages.length);
      const wanted = edits.filter((edit) => edit.file === file);
      if (wanted.length === 0) return null;
      edited.add(file);
      return { code: wanted.reduce(changed, await readFile(id, 'utf8')), moduleType: 'ts' };
    },
  };
}

function changed(text: string, { file, find, replace }: Edit): string {
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0)
    throw new MutantError(`${file} has ${JSON.stringify(find)} ${more.length + (after === undefined ? 0 : 1)} times, not once`);
  return before + replace + after;
}
