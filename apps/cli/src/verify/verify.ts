import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FlotillaError, isFlotillaError } from '@flotilla/core';
import { verifyBackup, verifySnapshots } from '@flotilla/snapshot/file';
import { FileArchive } from '@flotilla/storage/archive';
import { verifyDataDirectory } from '@flotilla/storage-lmdb';
import { exitCodes } from '../exit-code.ts';
import { formatTable, print } from '../output.ts';
import { showProgress } from '../progress.ts';
import { archiveDirectory, snapshotDirectory } from '../serve/member-files.ts';
import { readOrigin } from '../serve/origin.ts';

export interface VerifyOptions {
  readonly output: string;
}

/** Something that is not what was written. */
interface Problem {
  readonly file: string;
  readonly group: number | null;
  readonly index: number | null;
  readonly what: string;
}

/** Checks all of a data directory, or a backup, and lists what is not what was written. */
export async function verify(path: string, { output }: VerifyOptions): Promise<void> {
  const problems = (await kindOf(path)) === 'backup' ? await backupProblems(path) : await directoryProblems(path);
  if (problems.length > 0) process.exitCode = exitCodes.failure;
  if (output === 'json') return print(JSON.stringify({ path, problems }));
  await print(problems.length === 0 ? `${path}: everything is what was written` : describe(problems));
}

async function kindOf(path: string): Promise<'backup' | 'directory'> {
  const found = await stat(path).catch((cause: Error) => {
    throw notToVerify(`${path} cannot be looked at: ${cause.message}`, cause);
  });
  if (found.isFile()) return 'backup';
  if (found.isDirectory()) return 'directory';
  throw notToVerify(`${path} is neither a directory nor a file`);
}

function notToVerify(message: string, cause?: unknown): FlotillaError {
  return new FlotillaError('usage', message, 'Name the data directory of a member, or a backup.', { cause });
}

async function backupProblems(file: string): Promise<readonly Problem[]> {
  try {
    await verifyBackup(file, showProgress(`verifying ${file}`));
    return [];
  } catch (error) {
    if (!isFlotillaError(error, 'backup_damaged')) throw error;
    return [{ file, group: null, index: null, what: error.message }];
  }
}

async function directoryProblems(directory: string): Promise<readonly Problem[]> {
  const show = showProgress(`verifying ${directory}`, 'records');
  const { problems } = await verifyDataDirectory(directory, { onProgress: ({ records, of }) => show(records, of) });
  const inFile = (kind: string) => (each: { readonly file: string; readonly problem: string }) => ({
    file: join(kind, each.file),
    group: null,
    index: null,
    what: each.problem,
  });
  const snapshots = await verifySnapshots(join(directory, snapshotDirectory));
  const archived = await new FileArchive(join(directory, archiveDirectory)).verify();
  return [
    ...problems,
    ...(await originProblems(directory)),
    ...snapshots.map(inFile(snapshotDirectory)),
    ...archived.map(inFile(archiveDirectory)),
  ];
}

async function originProblems(directory: string): Promise<readonly Problem[]> {
  try {
    await readOrigin(directory);
    return [];
  } catch (error) {
    if (!isFlotillaError(error, 'data_directory_unusable')) throw error;
    return [{ file: 'origin.json', group: null, index: null, what: error.message }];
  }
}

function describe(problems: readonly Problem[]): string {
  const rows = problems.map(({ file, group, index, what }) => [file, group?.toString() ?? '', index?.toString() ?? '', what]);
  return formatTable(['FILE', 'GROUP', 'INDEX', 'PROBLEM'], rows);
}
