import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { registersSubject, type Subject } from '@flotilla/simulator';
import { usageError } from '../usage-error.ts';
import { kvSubject } from './kv-subject.ts';

const bundled: { readonly [name: string]: Subject } = { registers: registersSubject, kv: kvSubject };

const exportHint = 'Export { machine, workload } from it: a machine of defineMachine, and a function that draws calls; optionally a model.';

/** The subject that is named: a bundled one, or an export of a module, as in `dist/counter.js#counterSubject`. Throws usage errors. */
export async function findSubject(name: string): Promise<Subject> {
  if (Object.hasOwn(bundled, name) && bundled[name]) return bundled[name];
  const [file = '', exported] = name.split('#');
  if (!exported) {
    throw usageError(`there is no subject "${name}"`, `Bundled: ${Object.keys(bundled).join(', ')}. One of your own is <module>#<export>.`);
  }
  const value = await load(file, exported);
  if (isSubject(value)) return value;
  throw usageError(`"${exported}" of ${file} is nothing that can be simulated`, exportHint);
}

async function load(file: string, exported: string): Promise<unknown> {
  let module: { readonly [name: string]: unknown };
  try {
    module = (await import(pathToFileURL(resolve(file)).href)) as typeof module;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(
      `${file} cannot be loaded: ${reason}`,
      'Give the path of a JavaScript module, built where it is written in TypeScript.',
    );
  }
  if (Object.hasOwn(module, exported)) return module[exported];
  throw usageError(`${file} exports no "${exported}"`, `It exports ${Object.keys(module).join(', ') || 'nothing'}.`);
}

function isSubject(value: unknown): value is Subject {
  if (typeof value !== 'object' || value === null || !('machine' in value) || !('workload' in value)) return false;
  const { machine, workload } = value;
  return (
    typeof workload === 'function' &&
    typeof machine === 'object' &&
    machine !== null &&
    'create' in machine &&
    typeof machine.create === 'function'
  );
}
