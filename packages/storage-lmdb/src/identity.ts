import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MemberId } from '@flotilla/core';
import { StorageError } from '@flotilla/storage';
import { writeFileDurably } from './durable-file.ts';

/** Whose data a directory holds. */
export interface Identity {
  readonly clusterId: string;
  readonly memberId: MemberId;
  /** The application, where one is named: a directory of another one is refused. */
  readonly app?: string;
  /**
   * The voters that the member was founded with, where they are configured and not replicated: another list would be
   * another quorum, and two quorums that need not meet elect two leaders.
   */
  readonly voters?: readonly MemberId[];
}

/** What `identity.json` says. */
export interface StoredIdentity {
  /** Version of the layout of the directory. */
  readonly format: number;
  readonly clusterId: string;
  readonly memberId: MemberId;
  readonly app: string | null;
  /** Ascending; null where none were named. */
  readonly voters: readonly MemberId[] | null;
  /** Drawn when the directory was created; its files hold it too, so that none can come from another directory. */
  readonly incarnation: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** False until the log was created durably: before that, nothing was promised to anybody. */
  readonly initialized: boolean;
}

export const directoryFormat = 1;

const fileName = 'identity.json';

export function unusable(message: string, hint: string, cause?: unknown): StorageError {
  return new StorageError('data_directory_unusable', message, hint, { cause });
}

export async function writeIdentity(directory: string, identity: StoredIdentity): Promise<void> {
  await writeFileDurably(join(directory, fileName), `${JSON.stringify(identity, null, 2)}\n`);
}

/** The identity of a directory, undefined where it has none. Throws `data_directory_unusable` where it is unreadable or newer. */
export async function findIdentity(directory: string): Promise<StoredIdentity | undefined> {
  const file = join(directory, fileName);
  const hint =
    'Restore the file from a backup of this very member. Do not start this member with an empty directory instead: it may have promised what only this one holds.';
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(`${file} is unreadable`, hint, error);
  }
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (typeof format === 'number' && format > directoryFormat) {
    throw unusable(
      `${file} has format ${format}, this version knows up to ${directoryFormat}`,
      'Run the newer version of Flotilla that wrote it.',
    );
  }
  if (format !== directoryFormat || !isStoredIdentity(value)) throw unusable(`${file} is incomplete`, hint);
  return value;
}

/** The identity of a data directory. Throws `data_directory_unusable` where there is none, or none that is complete. */
export async function readIdentity(directory: string): Promise<StoredIdentity> {
  const identity = await findIdentity(directory);
  if (identity?.initialized) return identity;
  throw unusable(`${directory} holds no member's data`, 'Name the data directory of a member that has been started at least once.');
}

/** Throws where a directory belongs to somebody else. */
export function assertSameIdentity(directory: string, stored: StoredIdentity, expected: Identity): void {
  if (stored.clusterId !== expected.clusterId) {
    throw new StorageError(
      'data_directory_of_another_cluster',
      `${directory} belongs to cluster "${stored.clusterId}", not to "${expected.clusterId}"`,
      'Correct the data directory or the cluster id in the configuration; a new cluster needs an empty directory.',
    );
  }
  if (stored.memberId !== expected.memberId) {
    throw new StorageError(
      'data_directory_of_another_member',
      `${directory} belongs to member ${stored.memberId}, not to member ${expected.memberId}`,
      'Correct the data directory or the member id in the configuration; every member needs a directory of its own.',
    );
  }
  if (stored.app !== null && expected.app !== undefined && stored.app !== expected.app) {
    throw unusable(
      `${directory} belongs to application "${stored.app}", not to "${expected.app}"`,
      'Start the application that wrote it, or name another data directory.',
    );
  }
  if (stored.voters !== null && expected.voters !== undefined && ascending(expected.voters).join() !== stored.voters.join()) {
    throw new StorageError(
      'data_directory_of_other_voters',
      `${directory} was founded by members ${stored.voters.join(', ')}, not by ${ascending(expected.voters).join(', ')}`,
      'List the same members as at the first start: a group does not change by changing the configuration.',
    );
  }
}

export function ascending(members: readonly MemberId[]): readonly MemberId[] {
  return [...members].sort((a, b) => a - b);
}

function isStoredIdentity(value: unknown): value is StoredIdentity {
  const { clusterId, memberId, app, voters, incarnation, createdAt, initialized } = value as Record<keyof StoredIdentity, unknown>;
  return (
    typeof clusterId === 'string' &&
    Number.isSafeInteger(memberId) &&
    (app === null || typeof app === 'string') &&
    (voters === null || (Array.isArray(voters) && voters.every(Number.isSafeInteger))) &&
    typeof incarnation === 'string' &&
    typeof createdAt === 'string' &&
    typeof initialized === 'boolean'
  );
}
