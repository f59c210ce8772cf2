import type { Group } from '@flotilla/runtime';
import type { AnyMachineDefinition } from '@flotilla/state-machine';
import { describeMachine, type MachineDescription } from './describe-machine.ts';

/** Describes the version of a machine that applies in its group. */
export class ServedMachine {
  readonly #machine: AnyMachineDefinition;
  readonly #group: Group;
  readonly #described = new Map<number, MachineDescription>();

  constructor(machine: AnyMachineDefinition, group: Group) {
    this.#machine = machine;
    this.#group = group;
  }

  describe(): MachineDescription {
    // The program may have newer versions, which nobody can call yet.
    const { version } = this.#group.status().machine;
    let definition = this.#machine;
    while (definition.version > version && definition.previous !== null) definition = definition.previous;
    const known = this.#described.get(definition.version) ?? describeMachine(definition);
    this.#described.set(definition.version, known);
    return known;
  }

  /** The HTTP statuses that the definition names for the rejections of a command, by code. */
  rejectionStatus(command: string): Readonly<Record<string, number>> {
    const { commands } = this.describe();
    const errors = Object.hasOwn(commands, command) ? (commands[command]?.errors ?? {}) : {};
    return Object.fromEntries(Object.entries(errors).flatMap(([code, { status }]) => (status === null ? [] : [[code, status]])));
  }
}
