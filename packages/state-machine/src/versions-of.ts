import { FlotillaError } from '@flotilla/core';
import { decodeCommand, decodeSnapshot, encodeCommand, encodeSnapshot } from './codec/codec.ts';
import type { MachineEvent, StateMachine } from './contract.ts';
import type { AnyMachineDefinition, Upcasters } from './definition.ts';
import { MachineError, passOnNondeterminism } from './machine-error.ts';
import type { MachineVersions } from './machine-versions.ts';
import type { StateSpace } from './space/state-space.ts';
import { clearTable } from './space/table.ts';

/** The versions of a machine that a program has: the definition, its `previous`, and so on. */
export function versionsOf(definition: AnyMachineDefinition): MachineVersions {
  const { name, version: newest } = definition;
  const known = lineage(definition);
  const oldest = newest - known.length + 1;
  const find = (version: number): AnyMachineDefinition => {
    const found = known[newest - version];
    if (found === undefined) throw unsupported(name, `version ${version}`, `versions ${oldest} to ${newest}`);
    return found;
  };
  return {
    name,
    versions: { oldest, newest },
    create: (version, space) => find(version).create(space),
    migrate: (machine, version, space) => migrateMachine(machine, find(machine.version), find(version), space ?? machine.space),
    upcastEvents: (events, from, to) => (knowsEventsOf(find(to), from) ? upcastEvents(find(to), from, events) : events),
    upcastCommand: (command, from, to) => (from === to ? command : upcastCommand(command, upcastersBetween(find(to), from), find(to))),
  };
}

/**
 * The events that version `version` of a machine caused, as `definition` understands them: for readers of an old journal. One for
 * each. Throws a `FlotillaError` with code `machine_version_unsupported` where it does not know what that version's events mean.
 */
export function upcastEvents(definition: AnyMachineDefinition, version: number, events: readonly MachineEvent[]): readonly MachineEvent[] {
  const steps = upcastersBetween(definition, version);
  return events.map((event) => steps.reduce((current, { events }) => own(events, current.type)?.(current.data) ?? current, event));
}

/** The definition and those before it, the newest first. */
function lineage(definition: AnyMachineDefinition): readonly AnyMachineDefinition[] {
  return definition.previous === null ? [definition] : [definition, ...lineage(definition.previous)];
}

/** What leads from the version after `from` up to the definition's own, the oldest first. */
function upcastersBetween(definition: AnyMachineDefinition, from: number): readonly Upcasters[] {
  if (!knowsEventsOf(definition, from))
    throw unsupported(definition.name, `what version ${from} wrote`, `version ${definition.version} and what leads to it`);
  const steps = lineage(definition).filter(({ version }) => version > from);
  return steps.map(({ upcast }) => upcast).reverse();
}

/** The oldest definition that a program has may still say what the version before it meant. */
function knowsEventsOf(definition: AnyMachineDefinition, version: number): boolean {
  return version <= definition.version && version >= definition.version - lineage(definition).length;
}

function upcastCommand(payload: Uint8Array, steps: readonly Upcasters[], { name, version, commands }: AnyMachineDefinition): Uint8Array {
  const command = steps.reduce((current, { commands }) => own(commands, current.type)?.(current.input) ?? current, decodeCommand(payload));
  if (!Object.hasOwn(commands, command.type))
    throw new MachineError(
      'unknown_command',
      `version ${version} of machine "${name}" has no command "${command.type}", which an older version left`,
      'Say in "upcast.commands" which command means the same now.',
    );
  return encodeCommand(command);
}

function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

function migrateMachine(machine: StateMachine, from: AnyMachineDefinition, to: AnyMachineDefinition, space?: StateSpace): StateMachine {
  if (to.previous !== from)
    throw unsupported(to.name, `the migration from version ${from.version} to ${to.version}`, 'migrations from one version to the next');
  try {
    if (!('kind' in to.state && 'kind' in from.state)) return migrateObjects(machine, to);
    if (space === undefined) throw new Error('its tables are in a space, which was not given');
    to.migrate?.(from.state.over(space), to.state.over(space));
    for (const name of from.state.names) if (!to.state.names.includes(name)) clearTable(space, name);
    return to.create(space);
  } catch (cause) {
    passOnNondeterminism(cause);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new MachineError(
      'machine_defect',
      `the migration of machine "${to.name}" from version ${from.version} to ${to.version} failed: ${why}`,
      'This member must stop: correct "migrate" in the program, then start it again.',
      { cause },
    );
  }
}

function migrateObjects(machine: StateMachine, to: AnyMachineDefinition): StateMachine {
  const next = to.create();
  // A copy, so that the old machine is as it was where this fails.
  const { state } = decodeSnapshot(machine.snapshot());
  next.restore(encodeSnapshot({ name: to.name, version: to.version, state: migrateState(to, state) }));
  return next;
}

/** What version `to` makes of a state in objects of the version before. The old one may be part of it. */
export function migrateState(to: AnyMachineDefinition, state: unknown): unknown {
  if (to.migrate === null) return state;
  const migrated = to.migrate(state, 'kind' in to.state ? undefined : to.state());
  // Whoever changed the old state in place and forgot to return it would lose it.
  if (migrated === undefined) throw new Error(`"migrate" of version ${to.version} of "${to.name}" returned no state`);
  return migrated;
}

function unsupported(name: string, what: string, known: string): FlotillaError {
  return new FlotillaError(
    'machine_version_unsupported',
    `this program lacks ${what} of machine "${name}": it has ${known}`,
    'Start a program that has it; a definition has the version before it where it names that as "previous".',
  );
}
