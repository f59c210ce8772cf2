import type { Group } from '@flotilla/runtime';
import { type AnyMachineDefinition, describeMachine, type MachineDescription } from '@flotilla/state-machine';

/** The status of a rejection for which nobody names another one. */
const rejectedStatus = 409;

/** The machine that a group runs, as it is described to those outside. */
export class ServedMachine {
  readonly #machine: AnyMachineDefinition;
  readonly #group: Group;
  readonly #rejectionStatus: Readonly<Record<string, number>>;
  readonly #described = new Map<number, MachineDescription>();

  /** `rejectionStatus` is for codes whose HTTP status the machine does not name. */
  constructor(machine: AnyMachineDefinition, group: Group, rejectionStatus: Readonly<Record<string, number>>) {
    this.#machine = machine;
    this.#group = group;
    this.#rejectionStatus = rejectionStatus;
  }

  /** The version that applies in the group; every rejection has its HTTP status. */
  describe(): MachineDescription {
    // The program may have newer versions, which nobody can call yet.
    const { version } = this.#group.status().machine;
    let definition = this.#machine;
    while (definition.version > version && definition.previous !== null) definition = definition.previous;
    const known = this.#described.get(definition.version) ?? this.#withStatus(describeMachine(definition));
    this.#described.set(definition.version, known);
    return known;
  }

  /** The HTTP statuses of a command's rejections, by code. */
  rejectionStatus(command: string): Readonly<Record<string, number>> {
    const { errors = [] } = this.describe().commands.find(({ name }) => name === command) ?? {};
    return { ...this.#rejectionStatus, ...Object.fromEntries(errors.map(({ code, status }) => [code, status ?? rejectedStatus])) };
  }

  #withStatus(description: MachineDescription): MachineDescription {
    const statusOf = new Map(Object.entries(this.#rejectionStatus));
    const commands = description.commands.map(({ errors, ...command }) => ({
      ...command,
      errors: errors.map((error) => ({ ...error, status: error.status ?? statusOf.get(error.code) ?? rejectedStatus })),
    }));
    return { ...description, commands };
  }
}
