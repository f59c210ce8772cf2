import { FlotillaError } from '@flotilla/core';
import type { AnyMachineDefinition } from '@flotilla/state-machine';
import type { ModuleExports } from './import-module.ts';

const hint = 'Export what defineMachine returns, as the default export or as the only machine of the module.';

/**
 * The machine that a module is about: its default export, or the only one but for the earlier versions of it. Throws `no_machine` or
 * `several_machines`.
 */
export function findMachine(exports: ModuleExports, path: string): AnyMachineDefinition {
  if (isMachine(exports.default)) return exports.default;
  const machines = Object.entries(exports).filter((entry): entry is [string, AnyMachineDefinition] => isMachine(entry[1]));
  const earlier = new Set(machines.map(([, { previous }]) => previous));
  const found = machines.filter(([, machine]) => !earlier.has(machine));
  const [first] = found;
  if (first === undefined) {
    const names = Object.keys(exports).join(', ') || 'nothing';
    throw new FlotillaError('no_machine', `${path} exports no machine (it exports ${names})`, hint);
  }
  if (found.some(([, machine]) => machine !== first[1])) {
    const names = found.map(([name]) => name).join(', ');
    throw new FlotillaError('several_machines', `${path} exports several machines: ${names}`, 'Make one of them the default export.');
  }
  return first[1];
}

/** By its shape: the module may have brought its own copy of the package that made it. */
export function isMachine(value: unknown): value is AnyMachineDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const { name, version, commands, queries, create } = value as Partial<AnyMachineDefinition>;
  return (
    typeof name === 'string' &&
    typeof version === 'number' &&
    typeof commands === 'object' &&
    typeof queries === 'object' &&
    typeof create === 'function'
  );
}
