import { alarmsSubject, registersSubject, type Subject } from '@flotilla/simulator';
import { findMachine, isMachine } from '../machine-module/find-machine.ts';
import { importModule, isModulePath, type ModuleExports } from '../machine-module/import-module.ts';
import { usageError } from '../usage-error.ts';
import { kvSubject } from './kv-subject.ts';

const bundled: { readonly [name: string]: Subject } = { registers: registersSubject, alarms: alarmsSubject, kv: kvSubject };

const exportHint = 'Export { machine, workload } from it: a machine of defineMachine, and a function that draws calls; optionally a model.';

/**
 * The subject that is named: a bundled one; an export of a module, as in `counter.ts#counterSubject`; or a module that exports a machine
 * and a `workload`, as in `./counter.ts`. Throws usage errors, and those of `importModule` and `findMachine`.
 */
export async function findSubject(name: string): Promise<Subject> {
  if (Object.hasOwn(bundled, name) && bundled[name]) return bundled[name];
  const [file = '', exported] = name.split('#');
  if (exported !== undefined) return exportedSubject(await importModule(file), file, exported);
  if (isModulePath(name)) return subjectOf(await importModule(name), name);
  throw usageError(
    `there is no subject "${name}"`,
    `Bundled: ${Object.keys(bundled).join(', ')}. One of your own is a module, such as ./${name}.ts, or <module>#<export>.`,
  );
}

function exportedSubject(exports: ModuleExports, file: string, name: string): Subject {
  const value = Object.hasOwn(exports, name) ? exports[name] : undefined;
  if (isSubject(value)) return value;
  if (value !== undefined) throw usageError(`"${name}" of ${file} is nothing that can be simulated`, exportHint);
  throw usageError(`${file} exports no "${name}"`, `It exports ${Object.keys(exports).join(', ') || 'nothing'}.`);
}

/** What a module exports beside its machine: the calls of its clients and, where it has one, a model of them. */
function subjectOf(exports: ModuleExports, file: string): Subject {
  const { workload, model, invariants } = exports;
  const parts = {
    machine: findMachine(exports, file),
    workload,
    ...(model !== undefined && { model }),
    ...(invariants !== undefined && { invariants }),
  };
  if (isSubject(parts)) return parts;
  throw usageError(
    `${file} exports no "workload"`,
    'Export a function that draws calls: export const workload: Workload = ({ random }) => ….',
  );
}

function isSubject(value: unknown): value is Subject {
  if (typeof value !== 'object' || value === null || !('machine' in value) || !('workload' in value)) return false;
  return typeof value.workload === 'function' && isMachine(value.machine);
}
