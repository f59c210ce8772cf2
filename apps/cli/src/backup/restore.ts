import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { FlotillaError, foundingMembership, type MemberInfo } from '@flotilla/core';
import { type Backup, type BackupManifest, FileSnapshotStore, openBackup, verifyBackup } from '@flotilla/snapshot/file';
import { createDirectory, syncDirectory } from '@flotilla/storage/files';
import { openLmdbStorage } from '@flotilla/storage-lmdb';
import { parseMember } from '../member-number.ts';
import { print } from '../output.ts';
import { showProgress } from '../progress.ts';
import { parseFoundingMembers } from '../serve/founding-members.ts';
import { snapshotDirectory } from '../serve/member-files.ts';
import { writeOrigin } from '../serve/origin.ts';
import { parseCluster } from '../serve/serve-config.ts';
import { usageError } from '../usage-error.ts';

export interface RestoreOptions {
  readonly dataDir: string;
  readonly cluster: string;
  readonly member: string;
  readonly members: string;
  readonly output: string;
}

/**
 * Makes the data directory of a member of a new cluster. It gets its name once everything is in it, so that a restore that was cut
 * short never looks like an empty member.
 */
export async function restore(
  file: string,
  { dataDir, cluster: clusterText, member: memberText, members: list, output }: RestoreOptions,
): Promise<void> {
  const cluster = parseCluster(clusterText);
  const member = parseMember(memberText);
  const members = parseFoundingMembers(list);
  const self = members.find(({ id }) => id === member);
  if (self === undefined)
    throw usageError(`member ${member} is not among --members`, 'List every member of the new cluster, this one included.');
  const { manifest, parts } = await checkedBackup(file, cluster);
  const directory = resolve(dataDir);
  await makeFree(directory);

  const draft = `${directory}.restoring`;
  await rm(draft, { recursive: true, force: true });
  await createDirectory(dirname(directory));
  await mkdir(draft);
  try {
    await writeMember(draft, { manifest, parts }, { cluster, self, members });
    await giveName(draft, directory);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
  const { index, term } = manifest.snapshot;
  if (output === 'json') return print(JSON.stringify({ directory, cluster, member, index, term }));
  await print(`${dataDir} is member ${member} of the new cluster "${cluster}", as of entry ${index} of term ${term}.
Restore the other members from the same backup, then start them all: flotilla serve ${manifest.app ?? '<app>'} --data-dir ${dataDir}`);
}

async function checkedBackup(file: string, cluster: string): Promise<Backup> {
  const backup = await openBackup(file);
  if (backup.manifest.cluster.replace(/#.*/, '') === cluster)
    throw usageError(
      `the backup was taken from a cluster called "${cluster}"`,
      'Give the new cluster another name: members of the old one, where some are left, must never talk to it.',
    );
  await verifyBackup(file, showProgress(`verifying ${file}`));
  return backup;
}

/**
 * Has nothing stand where the directory will be: an empty one goes. Before anything is written, because the place where a file system is
 * mounted cannot be replaced.
 */
async function makeFree(directory: string): Promise<void> {
  try {
    if ((await readdir(directory)).length > 0)
      throw new FlotillaError('data_directory_in_use', `${directory} is not empty`, 'Name a directory that does not exist yet.');
    await rmdir(directory);
  } catch (error) {
    if (error instanceof FlotillaError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    const hint = code === 'EBUSY' ? 'A file system is mounted there: name a directory inside it.' : 'Name another directory.';
    throw new FlotillaError('data_directory_unusable', `${directory} cannot be used: ${message}`, hint, { cause: error });
  }
}

/** What came into the directory meanwhile, such as a member that was started there, is never removed. */
async function giveName(draft: string, directory: string): Promise<void> {
  await makeFree(directory);
  await rename(draft, directory);
  await syncDirectory(dirname(directory));
}

interface NewMember {
  readonly cluster: string;
  readonly self: MemberInfo;
  readonly members: readonly MemberInfo[];
}

/** Every member begins behind the same entry, with the same state and the new membership. */
async function writeMember(directory: string, { manifest, parts }: Backup, { cluster, self, members }: NewMember): Promise<void> {
  const { group, app, snapshot } = manifest;
  const { index, term, time, machine, size } = snapshot;
  const membership = foundingMembership(members);
  if (!self.witness) {
    const store = new FileSnapshotStore({ directory: join(directory, snapshotDirectory), cluster });
    await store.save(group, { index, term, time, membership, machine }, withProgress(parts(), size));
  }
  const clusterId = `${cluster}#${restoredIncarnation(manifest, members)}`;
  const storage = await openLmdbStorage({ directory, identity: { clusterId, memberId: self.id, ...(app !== null && { app }) } });
  try {
    const base = { index, term, time, membership };
    await storage.logStore.write([{ group, hardState: { term, vote: null }, base, truncateAfter: null, entries: [] }]);
  } finally {
    await storage.close();
  }
  await writeOrigin(directory, { format: 1, kind: 'founded', cluster, member: self.id, founders: [...members] });
}

/**
 * Follows from what all members must begin with. Those that were restored from another backup, or with other members, or that begin with
 * nothing, would come to another state under the same name; so they are told apart in the handshake.
 */
function restoredIncarnation({ snapshot }: BackupManifest, members: readonly MemberInfo[]): string {
  const { id, index, term } = snapshot;
  const membership = [...members].sort((a, b) => a.id - b.id);
  return createHash('sha256').update(JSON.stringify({ id, index, term, membership })).digest('hex').slice(0, 8);
}

async function* withProgress(parts: AsyncIterable<Uint8Array>, of: number): AsyncGenerator<Uint8Array> {
  const show = showProgress('restoring');
  let bytes = 0;
  for await (const part of parts) {
    yield part;
    bytes += part.length;
    show(bytes, of);
  }
}
