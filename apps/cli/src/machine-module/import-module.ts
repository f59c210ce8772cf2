import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FlotillaError } from '@flotilla/core';

/** What a module exports, by name. */
export type ModuleExports = Readonly<Record<string, unknown>>;

const typeScript: ReadonlySet<string> = new Set(['.ts', '.mts', '.cts']);

/** Whether somebody means a file, and not the name of something that is bundled. */
export function isModulePath(text: string): boolean {
  return /[/\\]|\.[cm]?[jt]s$/.test(text);
}

/**
 * Loads a module, in TypeScript or JavaScript, with what it imports. Throws `module_not_found`, and `module_failed` for one that cannot be
 * read, that throws, or that waits for what never comes.
 */
export async function importModule(path: string): Promise<ModuleExports> {
  const file = resolve(path);
  if (!existsSync(file)) {
    throw new FlotillaError('module_not_found', `there is no file ${path}`, 'Give the path of a module that exports a machine.');
  }
  try {
    return await finished(typeScript.has(extname(file)) ? importTypeScript(file) : import(pathToFileURL(file).href));
  } catch (error) {
    throw failed(path, file, error);
  }
}

/** Compiled in memory. A cache on disk would run what another program may have put there. */
async function importTypeScript(file: string): Promise<ModuleExports> {
  const { createJiti } = await import('jiti');
  return createJiti(import.meta.url, { fsCache: false, interopDefault: false }).import<ModuleExports>(file);
}

/** A process in which nothing is left to happen ends, without a word: what still waits then waits for ever. */
async function finished(loading: Promise<ModuleExports>): Promise<ModuleExports> {
  let giveUp = () => {};
  const idle = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(new Error('it did not finish loading, as it waits for something that never comes'));
  });
  process.once('beforeExit', giveUp);
  try {
    return await Promise.race([loading, idle]);
  } finally {
    process.off('beforeExit', giveUp);
  }
}

function failed(path: string, file: string, cause: unknown): FlotillaError {
  const text = cause instanceof Error ? cause.message : String(cause);
  const [reason = ''] = text.replaceAll(/\s+/g, ' ').split(' Require stack:');
  const missing = /^Cannot find (?:module|package) '([^'.][^']*)'/.exec(reason)?.[1];
  const hint =
    missing === undefined
      ? 'Correct the module; this is the first error that it ends with.'
      : `Install it beside the module: npm install ${missing}.`;
  return new FlotillaError('module_failed', `${path} cannot be loaded: ${reason}${placeOf(file, cause)}`, hint, { cause });
}

/** Where in the module it went wrong, where the error says so. */
function placeOf(file: string, cause: unknown): string {
  const stack = cause instanceof Error && cause.stack !== undefined ? cause.stack : '';
  const start = stack.indexOf(`${file}:`);
  const place = start < 0 ? null : /^:(\d+)/.exec(stack.slice(start + file.length));
  return place === null ? '' : ` (line ${place[1]})`;
}
