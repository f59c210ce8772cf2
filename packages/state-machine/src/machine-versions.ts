import type { MachineEvent, StateMachine } from './contract.ts';
import type { VersionRange } from './replica/request.ts';
import type { StateSpace } from './space/state-space.ts';

/** All versions of a machine that a program can run: data and functions, as `defineMachine` gives them or written by hand. */
export interface MachineVersions {
  readonly name: string;
  readonly versions: VersionRange;
  /** The machine of one version, with what `space` holds, which that version wrote; in its initial state without a space. */
  create(version: number, space?: StateSpace): StateMachine;
  /** The machine of `version` with the state that `machine`, of the version before, has. May change what `space` holds. */
  migrate(machine: StateMachine, version: number, space?: StateSpace): StateMachine;
  /** A command that version `from` encoded, as `to` understands it. Throws a `MachineError` where it understands none such. */
  upcastCommand(command: Uint8Array, from: number, to: number): Uint8Array;
  /** Events that version `from` caused, as `to` understands them: one for each. As they are, where nobody knows what they mean now. */
  upcastEvents(events: readonly MachineEvent[], from: number, to: number): readonly MachineEvent[];
}

/** A machine of which there is one version only, such as one that is written by hand. */
export function oneVersion(
  { name, version }: { readonly name: string; readonly version: number },
  create: (space?: StateSpace) => StateMachine,
): MachineVersions {
  return {
    name,
    versions: { oldest: version, newest: version },
    create: (_version, space) => create(space),
    migrate: () => {
      throw new Error(`machine "${name}" has one version, ${version}`);
    },
    upcastCommand: (command) => command,
    upcastEvents: (events) => events,
  };
}
