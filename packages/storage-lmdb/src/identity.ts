import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MemberId, Term } from '@flotilla/core';
import { StorageError } from '@flotilla/storage';
import { writeFileDurably } from '@flotilla/storage/files';

/** Whose data a directory holds. */
export interface Identity {
  /**
   * The cluster's name, or as {@link clusterIdOf} tells it where that is known: then a directory from before a recovery, or
   * after another one, is refused.
   */
  readonly clusterId: string;
  readonly memberId: MemberId;
  /** The application, where one is named: a directory of another one is refused. */
  readonly app?: string;
}

/** What `identity.json` says. */
export interface StoredIdentity {
  /** Version of the layout of the directory. */
  readonly format: number;
  /** The cluster's name. */
  readonly clusterId: string;
  /** Drawn anew each time that the cluster was recovered from one member's data; null before the first time. */
  readonly clusterIncarnation: string | null;
  readonly memberId: MemberId;
  readonly app: string | null;
  /** Drawn when the directory was created; its files hold it too, so that none can come from another directory. */
  readonly incarnation: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Counts how often the directory was opened to be written. The log counts along: one that is behind is an older copy. */
  readonly generation: number;
  /** No group of this member has ever reached a higher term: what to go by where the log has forgotten. */
  readonly highestTerm: Term;
  /** Why this data must never be used again: another member has seen a later opening of it, as is said here. Null where none has. */
  readonly rolledBack: string | null;
  /** False until the log was created durably: before that, nothing was promised to anybody. */
  readonly initialized: boolean;
}

/** Format 2 had no chain between the entries of a log, and nothing beside it that tells an older copy. */
export const directoryFormat = 3;

export const identityFileName = 'identity.json';

/**
 * What the members of a cluster call it among each other: `name`, or after a recovery `name#3f9c1a7e`, so that those from
 * before and those from after never talk to each other.
 */
export function clusterIdOf({ clusterId, clusterIncarnation }: Pick<StoredIdentity, 'clusterId' | 'clusterIncarnation'>): string {
  return clusterIncarnation === null ? clusterId : `${clusterId}#${clusterIncarnation}`;
}

/** The parts of what {@link clusterIdOf} gives. */
export function clusterParts(clusterId: string): Pick<StoredIdentity, 'clusterId' | 'clusterIncarnation'> {
  const [, name, incarnation] = /^(.+)#([0-9a-f]{8})$/.exec(clusterId) ?? [];
  return { clusterId: name ?? clusterId, clusterIncarnation: incarnation ?? null };
}

export function newClusterIncarnation(): string {
  return randomBytes(4).toString('hex');
}

export function unusable(message: string, hint: string, cause?: unknown): StorageError {
  return new StorageError('data_directory_unusable', message, hint, { cause });
}

export async function writeIdentity(directory: string, identity: StoredIdentity): Promise<void> {
  await writeFileDurably(join(directory, identityFileName), `${JSON.stringify(identity, null, 2)}\n`);
}

/** The identity of a directory, undefined where it has none. Throws `data_directory_unusable` where it is unreadable or newer. */
export async function findIdentity(directory: string): Promise<StoredIdentity | undefined> {
  const file = join(directory, identityFileName);
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
      `${file} has format ${format}, this version knows ${directoryFormat} only`,
      'Run the newer version of Flotilla that wrote it.',
    );
  }
  if (typeof format === 'number' && format < directoryFormat) {
    throw unusable(
      `${file} has format ${format}, this version knows ${directoryFormat} only`,
      'Run the older version of Flotilla that wrote it, or let the member join afresh with an empty directory, under a new number.',
    );
  }
  if (typeof format !== 'number' || !isStoredIdentity(value)) throw unusable(`${file} is incomplete`, hint);
  return { ...value, rolledBack: value.rolledBack ?? null };
}

/** The refusal of a directory that is an older copy of itself. `why` is what `identity.json` says of it. */
export function rolledBack(directory: string, why: string): StorageError {
  return unusable(
    `${directory} is an older copy of this member's data: ${why}. The member has forgotten votes and acknowledgements that others count on`,
    'Stop this member, remove it from its group, and add it afresh with an empty directory, under a new number. See docs/operations.md.',
  );
}

/** The identity of a data directory. Throws `data_directory_unusable` where there is none, or none that is complete. */
export async function readIdentity(directory: string): Promise<StoredIdentity> {
  const identity = await findIdentity(directory);
  if (identity?.initialized) return identity;
  throw unusable(`${directory} holds no member's data`, 'Name the data directory of a member that has been started at least once.');
}

/** Throws where a directory belongs to somebody else. */
export function assertSameIdentity(directory: string, stored: StoredIdentity, expected: Identity): void {
  const { clusterId, clusterIncarnation } = clusterParts(expected.clusterId);
  const sameName = stored.clusterId === clusterId || stored.clusterId === expected.clusterId;
  if (!sameName || (clusterIncarnation !== null && clusterIdOf(stored) !== expected.clusterId)) {
    throw new StorageError(
      'data_directory_of_another_cluster',
      `${directory} belongs to cluster "${clusterIdOf(stored)}", not to "${expected.clusterId}"`,
      sameName
        ? 'The cluster was recovered from the data of one member, and this directory does not continue it: join with an empty one.'
        : 'Correct the data directory or the cluster id in the configuration; a new cluster needs an empty directory.',
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
}

function isStoredIdentity(value: unknown): value is StoredIdentity {
  const { clusterId, memberId, app, clusterIncarnation, incarnation, createdAt, generation, highestTerm, initialized, ...rest } =
    value as Record<keyof StoredIdentity, unknown>;
  return (
    typeof clusterId === 'string' &&
    Number.isSafeInteger(memberId) &&
    (app === null || typeof app === 'string') &&
    (clusterIncarnation === null || typeof clusterIncarnation === 'string') &&
    typeof incarnation === 'string' &&
    typeof createdAt === 'string' &&
    Number.isSafeInteger(generation) &&
    Number.isSafeInteger(highestTerm) &&
    // Directories that were written before there was such a mark have none.
    (rest.rolledBack === undefined || rest.rolledBack === null || typeof rest.rolledBack === 'string') &&
    typeof initialized === 'boolean'
  );
}
