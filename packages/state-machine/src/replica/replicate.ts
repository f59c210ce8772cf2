import type { AnyMachineDefinition } from '../definition.ts';
import type { MachineVersions } from '../machine-versions.ts';
import type { StateSpace } from '../space/state-space.ts';
import { versionsOf } from '../versions-of.ts';
import { MachineReplica } from './machine-replica.ts';
import type { ReplicatedMachine } from './replicated-machine.ts';

/**
 * A machine as a group runs it, in its initial state or with what `space` holds. Throws a `FlotillaError` with code
 * `machine_version_unsupported` where that is of a version that this program does not have.
 */
export function replicate(machine: AnyMachineDefinition | MachineVersions, space?: StateSpace): ReplicatedMachine {
  return new MachineReplica('commands' in machine ? versionsOf(machine) : machine, space);
}
