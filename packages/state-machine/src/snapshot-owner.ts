import { FlotillaError } from '@flotilla/core';
import type { VersionRange } from './replica/request.ts';

/** Stands for the version in a snapshot of a group that has none yet: every version begins with the state that it holds. */
export const noVersion = 0;

/** The machine that a snapshot is of, and the version that applied when it was taken. */
export interface SnapshotOwner {
  readonly name: string;
  /** {@link noVersion} where no command was applied yet. */
  readonly version: number;
}

/** The machine that is to take the state of a snapshot, and the versions of which it can. */
export interface SnapshotReader {
  readonly name: string;
  readonly versions: VersionRange;
}

/**
 * A machine reads snapshots of its own name, and of the versions that its program has: another one may hold what this program does not
 * know of. `what` names the snapshot. Throws `snapshot_of_another_machine` or `machine_version_unsupported`.
 */
export function assertReads({ name, versions }: SnapshotReader, owner: SnapshotOwner, what: string): void {
  if (owner.name !== name) {
    throw new FlotillaError(
      'snapshot_of_another_machine',
      `${what} is of machine "${owner.name}", version ${owner.version}, and this is "${name}"`,
      'Start the program that wrote the snapshot.',
    );
  }
  const { oldest, newest } = versions;
  if (owner.version === noVersion || (owner.version >= oldest && owner.version <= newest)) return;
  throw new FlotillaError(
    'machine_version_unsupported',
    `${what} is of version ${owner.version} of machine "${name}", and this program has ${oldest === newest ? `version ${newest}` : `versions ${oldest} to ${newest}`}`,
    `Start a program that has version ${owner.version} of this machine.`,
  );
}

/** Reads snapshots of exactly the version that wrote them. */
export function readerOf({ name, version }: SnapshotOwner): SnapshotReader {
  return { name, versions: { oldest: version, newest: version } };
}
