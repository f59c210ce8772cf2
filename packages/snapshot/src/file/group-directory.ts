import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FlotillaError, type GroupId, type SnapshotInfo } from '@flotilla/core';
import { snapshotFailed } from '../snapshot-error.ts';
import { ChunkWriter, chunkBytes, type WrittenChunks } from './chunk-writer.ts';
import { manifestText, parseManifest, type SnapshotManifest } from './snapshot-manifest.ts';
import { syncDirectory } from './sync-directory.ts';

export const manifestEnding = '.json';
export const dataEnding = '.data';
const temporaryEnding = '.tmp';

/** A file that is being written, under a name that counts for nothing. */
export interface OpenFile {
  readonly path: string;
  readonly writer: ChunkWriter;
}

/**
 * The files of one group: for each snapshot its bytes, and a manifest that comes last and goes first. So a crash at any moment leaves
 * either both or nothing that counts.
 */
export class GroupDirectory {
  readonly #path: string;
  readonly #cluster: string;
  readonly #group: GroupId;
  #opened = 0;

  constructor(directory: string, cluster: string, group: GroupId) {
    this.#path = join(directory, `group-${group}`);
    this.#cluster = cluster;
    this.#group = group;
  }

  /** The snapshots that are there, oldest first; `onDamaged` hears of manifests that cannot be read. Removes what crashes left behind. */
  async load(onDamaged: (path: string) => void): Promise<readonly SnapshotManifest[]> {
    const names = new Set(await readdir(this.#path).catch(onMissing));
    const manifests: SnapshotManifest[] = [];
    for (const name of names) {
      const path = join(this.#path, name);
      if (name.endsWith(manifestEnding)) {
        const manifest = await this.#manifest(path);
        if (manifest !== null) manifests.push(manifest);
        else onDamaged(path);
      } else if (!names.has(name.replace(dataEnding, manifestEnding)) || name.endsWith(temporaryEnding)) await rm(path, { force: true });
    }
    return manifests.sort((a, b) => a.info.index - b.info.index);
  }

  async create(): Promise<OpenFile> {
    await this.#ensure();
    const path = join(this.#path, `${++this.#opened}${temporaryEnding}`);
    return { path, writer: new ChunkWriter(await open(path, 'w')) };
  }

  /** Never fails: why the file is of no use matters more, and what cannot be removed now is at the next start. */
  async discard({ path, writer }: OpenFile): Promise<void> {
    await writer.abandon();
    await rm(path, { force: true }).catch(() => {});
  }

  /** A file that is written and synced gets its name, and then its manifest. Resolves when neither can be lost any more. */
  async publish({ path }: OpenFile, info: SnapshotInfo, { checksums }: WrittenChunks): Promise<SnapshotManifest> {
    const manifest: SnapshotManifest = { cluster: this.#cluster, group: this.#group, info, chunkBytes, checksums };
    await rename(path, this.dataPath(info));
    await syncDirectory(this.#path);
    const temporary = `${path}${manifestEnding}${temporaryEnding}`;
    try {
      await writeSynced(temporary, manifestText(manifest));
      await rename(temporary, this.#manifestPath(info));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
    await syncDirectory(this.#path);
    return manifest;
  }

  /** Removes everything but these snapshots, and what is being written. */
  async keepOnly(kept: readonly SnapshotManifest[]): Promise<void> {
    const names = new Set(kept.flatMap(({ info }) => [this.dataPath(info), this.#manifestPath(info)]));
    const gone = (await readdir(this.#path)).map((name) => join(this.#path, name)).filter((path) => !names.has(path));
    for (const ending of [manifestEnding, dataEnding]) {
      for (const path of gone.filter((each) => each.endsWith(ending))) await rm(path, { force: true });
    }
  }

  dataPath(info: SnapshotInfo): string {
    return join(this.#path, `${info.index}-${info.id}${dataEnding}`);
  }

  #manifestPath(info: SnapshotInfo): string {
    return join(this.#path, `${info.index}-${info.id}${manifestEnding}`);
  }

  async #manifest(path: string): Promise<SnapshotManifest | null> {
    const manifest = parseManifest(await readFile(path, 'utf8'), path);
    if (manifest === null || (manifest.cluster === this.#cluster && manifest.group === this.#group)) return manifest;
    throw new FlotillaError(
      'snapshot_of_another_cluster',
      `${path} belongs to group ${manifest.group} of cluster ${manifest.cluster}, not to group ${this.#group} of ${this.#cluster}`,
      'Give this member the data directory that it had.',
    );
  }

  async #ensure(): Promise<void> {
    const created = await mkdir(this.#path, { recursive: true });
    if (created === undefined) return;
    // Every directory that is new has to be known by the one above it.
    for (let path = this.#path; path.length >= created.length; path = dirname(path)) await syncDirectory(dirname(path));
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** No directory means no snapshots; anything else about it is a fault of the disk, or of whoever changed it. */
function onMissing(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return [];
  throw snapshotFailed(error);
}
