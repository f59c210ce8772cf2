import type { AnyMachineDefinition, CommandOptions } from './definition.ts';
import { MachineError } from './machine-error.ts';
import type { AnyCommand } from './machine-parts.ts';

// Commands and queries become methods of one client object and segments of URLs; `then` would make that client a promise.
const namePattern = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** Throws a `MachineError` with code `machine_defect` for a definition that cannot work. */
export function checkDefinition(definition: AnyMachineDefinition): void {
  const { name, state, effects } = definition;
  checkOwner(definition);
  checkCalls(definition);
  for (const called of 'kind' in state ? state.names : []) checkName(called, 'table', name);
  for (const called of Object.keys(effects)) checkName(called, 'effect', name);
  checkVersions(definition);
}

/** What {@link checkComposition} looks at. */
export interface CheckedComposition extends Pick<AnyMachineDefinition, 'name' | 'version' | 'commands' | 'queries' | 'previous'> {
  readonly machines: Readonly<Record<string, AnyMachineDefinition>>;
}

/** Throws a `MachineError` with code `machine_defect` for a composition that cannot work. `commands` and `queries` are its own. */
export function checkComposition(composition: CheckedComposition): void {
  const { name, machines, previous } = composition;
  checkOwner(composition);
  checkCalls(composition);
  for (const part of Object.keys(machines)) checkName(part, 'part', name);
  for (const called of [...Object.keys(composition.commands), ...Object.keys(composition.queries)])
    if (Object.hasOwn(machines, called))
      throw badDefinition(
        `"${called}" names both a part of "${name}" and a command or query of its own`,
        'Clients have one member for each.',
      );
  for (const [part, { version }] of Object.entries(machines)) {
    const before = partVersion(previous, part) ?? version;
    if (version !== before && version !== before + 1)
      throw badDefinition(
        `part "${part}" of "${name}" goes from version ${before} to ${version} at once`,
        'A part goes up by one version with each version of the whole.',
      );
  }
}

/** Of a part of a composed machine; null where that has no such part. */
export function partVersion(composed: AnyMachineDefinition | null, part: string): number | null {
  const machines = composed?.machines ?? {};
  return Object.hasOwn(machines, part) ? (machines[part]?.version ?? null) : null;
}

function checkOwner({ name, version }: Pick<AnyMachineDefinition, 'name' | 'version'>): void {
  if (!namePattern.test(name)) throw badDefinition(`"${name}" is no name for a machine`, nameHint);
  if (!Number.isSafeInteger(version) || version < 1)
    throw badDefinition(`${version} is no version of machine "${name}"`, 'A version is a positive integer.');
}

function checkCalls({ name, commands, queries }: Pick<AnyMachineDefinition, 'name' | 'commands' | 'queries'>): void {
  for (const called of [...Object.keys(commands), ...Object.keys(queries)])
    if (called === 'then') throw badName(called, 'command or query', name);
    else checkName(called, 'command or query', name);
  for (const [called, parts] of Object.entries<() => AnyCommand>(commands)) checkStatuses(`"${called}" of "${name}"`, parts().options);
  for (const called of Object.keys(queries))
    if (Object.hasOwn(commands, called))
      throw badDefinition(`"${called}" names both a command and a query of "${name}"`, 'Clients have one method for each name.');
}

function checkStatuses(command: string, { errors = {} }: CommandOptions): void {
  for (const [code, said] of Object.entries(errors)) {
    const status = typeof said === 'string' ? undefined : said.status;
    if (status !== undefined && !(Number.isInteger(status) && status >= 400 && status <= 599))
      throw badDefinition(`error "${code}" of command ${command} has status ${status}`, 'A rejection has an HTTP status from 400 to 599.');
  }
}

/** `what` says of what kind the name is, `machine` whose it is. */
function checkName(name: string, what: string, machine: string): void {
  if (!namePattern.test(name)) throw badName(name, what, machine);
}

/** Throws where a definition and the one before it cannot be versions of one machine. */
export function checkVersions({ name, version, state, previous, migrate, upcast }: AnyMachineDefinition): void {
  const olderNames = [...Object.keys(upcast.events ?? {}), ...Object.keys(upcast.commands ?? {})];
  if (version === 1 && olderNames.length > 0)
    throw badDefinition(`version 1 of machine "${name}" says what an older version meant`, 'There is none: leave "upcast" out.');
  if (previous === null) {
    if (migrate !== null)
      throw badDefinition(`machine "${name}" migrates the state of a version that it does not name`, 'Give that definition as "previous".');
    return;
  }
  if (previous.name !== name || previous.version !== version - 1)
    throw badDefinition(
      `version ${version} of machine "${name}" cannot follow version ${previous.version} of "${previous.name}"`,
      'A "previous" definition has the same name, and the version before.',
    );
  if ('kind' in previous.state !== 'kind' in state)
    throw badDefinition(
      `version ${version} of machine "${name}" moves its state between objects and tables`,
      'Keep it where it is, or begin a new machine and copy what it needs with commands.',
    );
}

export function badDefinition(message: string, hint: string): MachineError {
  return new MachineError('machine_defect', message, hint);
}

function badName(name: string, what: string, machine: string): MachineError {
  return badDefinition(`"${name}" is no name for a ${what} of "${machine}"`, nameHint);
}

const nameHint = 'Names start with a letter and go on with letters, digits, "-" and "_"; nothing is called "then".';
