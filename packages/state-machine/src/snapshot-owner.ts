import { FlotillaError } from '@flotilla/core';

/** The machine that a snapshot is of. */
export interface SnapshotOwner {
  readonly name: string;
  readonly version: number;
}

/**
 * A machine reads snapshots of its own name and version only: another version may hold what this one does not know of, or lack what it
 * needs. `what` names the snapshot. Throws `snapshot_of_another_machine`.
 */
export function assertReads(machine: SnapshotOwner, owner: SnapshotOwner, what: string): void {
  if (owner.name === machine.name && owner.version === machine.version) return;
  throw new FlotillaError(
    'snapshot_of_another_machine',
    `${what} is of machine "${owner.name}", version ${owner.version}, and this is "${machine.name}", version ${machine.version}`,
    owner.name === machine.name
      ? `Start the program that has version ${owner.version} of this machine.`
      : 'Start the program that wrote the snapshot.',
  );
}
