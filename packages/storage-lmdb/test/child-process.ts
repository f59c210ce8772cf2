import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';

/** A bundle of `child.ts` that Node can run by itself. */
export interface ChildProgram {
  start(command: string, directory: string, shell?: string): Child;
  remove(): Promise<void>;
}

export interface Child {
  readonly pid: number;
  /** The lines that it prints; ends when it does. */
  readonly lines: AsyncIterableIterator<string>;
  /** Ends it as a power switch would, and resolves once it is gone. */
  kill(): Promise<void>;
}

export async function bundleChild(): Promise<ChildProgram> {
  // Below this package, so that the bundle finds lmdb.
  const cache = join(import.meta.dirname, '../node_modules/.cache');
  await mkdir(cache, { recursive: true });
  const outDir = await mkdtemp(join(cache, 'child-'));
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: join(import.meta.dirname, 'child.ts'),
      outDir,
      target: 'node20',
      minify: false,
      rollupOptions: { output: { entryFileNames: 'child.mjs' } },
    },
    ssr: { noExternal: [/^@flotilla\//], resolve: { conditions: ['source'] } },
  });
  const program = join(outDir, 'child.mjs');
  return {
    start: (command, directory, shell = '') => start(program, command, directory, shell),
    remove: () => rm(outDir, { recursive: true, force: true }),
  };
}

function start(program: string, command: string, directory: string, shell: string): Child {
  const script = `${shell} exec "$0" "$@"`;
  const child = spawn('/bin/sh', ['-c', script, process.execPath, program, command, directory], {
    env: { ...process.env, FLOTILLA_CHILD: '1' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  return {
    pid: child.pid ?? 0,
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    async kill() {
      (child as ChildProcess).kill('SIGKILL');
      await exited;
    },
  };
}
