import type { GroupId, SnapshotInfo } from '@flotilla/core';
import { keptSnapshots } from '../kept-snapshots.ts';
import { isSnapshotLost, snapshotFailed, snapshotMissing, snapshotNoRoom } from '../snapshot-error.ts';
import type { SnapshotPosition, SnapshotStore } from '../snapshot-store.ts';
import { readAllVerified, readVerified } from './chunk-reader.ts';
import type { WrittenChunks } from './chunk-writer.ts';
import { GroupDirectory, type OpenFile } from './group-directory.ts';
import type { SnapshotManifest } from './snapshot-manifest.ts';
import { Turns } from './turns.ts';

export interface FileSnapshotStoreOptions {
  /** Made where it is not there. Nobody else may have it meanwhile: it lies in a member's data directory, which is locked. */
  readonly directory: string;
  /** The name of the cluster: the snapshots of another one are refused. */
  readonly cluster: string;
  /** Hears of files that are damaged, and from then on count for nothing. */
  readonly onDamaged?: (what: string) => void;
}

interface GroupFiles {
  readonly directory: GroupDirectory;
  /** Those that are intact as far as is known, oldest first. */
  manifests: readonly SnapshotManifest[];
  receiving: { readonly info: SnapshotInfo; readonly file: OpenFile } | null;
  /** A transfer of it may be under way. */
  lastRead: string | undefined;
  /** Those that somebody is in the middle of, once for each: their files stay, also where newer ones have taken their place. */
  readonly loading: Set<{ readonly manifest: SnapshotManifest }>;
  /** One change of what is kept at a time. */
  readonly changes: Turns;
  /** One part at a time: a new leader may send another snapshot before the last part of the old leader's is stored. */
  readonly arrivals: Turns;
}

/**
 * Keeps snapshots in files, a directory for each group. They are verified whenever they are read. A failed write leaves what was there
 * before, and rejects with `snapshot_no_room` where the file system is full, with `snapshot_failed` otherwise.
 */
export class FileSnapshotStore implements SnapshotStore {
  readonly #options: FileSnapshotStoreOptions;
  readonly #groups = new Map<GroupId, Promise<GroupFiles>>();

  constructor(options: FileSnapshotStoreOptions) {
    this.#options = options;
  }

  async newest(group: GroupId): Promise<SnapshotInfo | null> {
    return (await this.#files(group)).manifests.at(-1)?.info ?? null;
  }

  async save(group: GroupId, position: SnapshotPosition, parts: AsyncIterable<Uint8Array>): Promise<SnapshotInfo> {
    const files = await this.#files(group);
    const file = await writing(() => files.directory.create());
    try {
      for await (const part of parts) await writing(() => file.writer.append(part));
      const written = await writing(() => file.writer.finish());
      const info = { ...position, id: written.id, size: written.size };
      await this.#keep(files, file, info, written);
      return info;
    } catch (error) {
      await files.directory.discard(file);
      throw error;
    }
  }

  async read(group: GroupId, id: string, offset: number, bytesMax: number): Promise<Uint8Array | null> {
    const files = await this.#files(group);
    files.lastRead = id;
    const manifest = find(files, id);
    if (manifest === undefined) return null;
    try {
      return await readVerified(files.directory.dataPath(manifest.info), manifest, offset, bytesMax);
    } catch (error) {
      this.#noteDamage(files, manifest, error);
      return null;
    }
  }

  async receive(group: GroupId, info: SnapshotInfo, offset: number, part: Uint8Array): Promise<void> {
    const files = await this.#files(group);
    await files.arrivals.take(() => this.#receive(files, info, offset, part));
  }

  async #receive(files: GroupFiles, info: SnapshotInfo, offset: number, part: Uint8Array): Promise<void> {
    if (offset === 0) {
      await discardReceived(files);
      files.receiving = { info, file: await writing(() => files.directory.create()) };
    }
    const { receiving } = files;
    // What does not follow on what is there is no part of what is being received; in the end something is missing then.
    if (receiving?.info.id !== info.id || receiving.file.writer.size !== offset) return;
    try {
      await writing(() => receiving.file.writer.append(part));
    } catch (error) {
      await discardReceived(files);
      throw error;
    }
  }

  async complete(group: GroupId, info: SnapshotInfo): Promise<boolean> {
    const files = await this.#files(group);
    return files.arrivals.take(() => this.#complete(files, info));
  }

  async #complete(files: GroupFiles, info: SnapshotInfo): Promise<boolean> {
    const { receiving } = files;
    if (receiving?.info.id !== info.id) return false;
    files.receiving = null;
    const { file } = receiving;
    try {
      const written = await writing(() => file.writer.finish());
      const intact = written.id === info.id && written.size === info.size;
      if (intact) await this.#keep(files, file, info, written);
      else await files.directory.discard(file);
      return intact;
    } catch (error) {
      await files.directory.discard(file);
      throw error;
    }
  }

  async *load(group: GroupId, id: string): AsyncGenerator<Uint8Array, void, void> {
    const files = await this.#files(group);
    const manifest = find(files, id);
    if (manifest === undefined) throw snapshotMissing(group, id);
    const loading = { manifest };
    files.loading.add(loading);
    try {
      yield* readAllVerified(files.directory.dataPath(manifest.info), manifest);
    } catch (error) {
      this.#noteDamage(files, manifest, error);
      throw error;
    } finally {
      files.loading.delete(loading);
    }
  }

  #files(group: GroupId): Promise<GroupFiles> {
    let files = this.#groups.get(group);
    if (files === undefined) {
      files = this.#load(group);
      this.#groups.set(group, files);
    }
    return files;
  }

  async #load(group: GroupId): Promise<GroupFiles> {
    const { directory: path, cluster, onDamaged } = this.#options;
    const directory = new GroupDirectory(path, cluster, group);
    const manifests = await directory.load((damaged) => onDamaged?.(`the manifest ${damaged} is damaged`));
    return {
      directory,
      manifests,
      receiving: null,
      lastRead: undefined,
      loading: new Set(),
      changes: new Turns(),
      arrivals: new Turns(),
    };
  }

  #keep(files: GroupFiles, file: OpenFile, info: SnapshotInfo, written: WrittenChunks): Promise<void> {
    return files.changes.take(async () => {
      try {
        const added = await writing(() => files.directory.publish(file, info, written));
        files.manifests = keptSnapshots(files.manifests, added, files.lastRead);
        await writing(() => removeOthers(files));
      } catch (error) {
        // What is there by now counts for nothing, and takes the room that was wanting. Why it failed matters more.
        await removeOthers(files).catch(() => {});
        throw error;
      }
    });
  }

  #noteDamage(files: GroupFiles, damaged: SnapshotManifest, error: unknown): void {
    if (!isSnapshotLost(error) || !files.manifests.includes(damaged)) return;
    files.manifests = files.manifests.filter((each) => each !== damaged);
    this.#options.onDamaged?.((error as Error).message);
  }
}

function find({ manifests }: GroupFiles, id: string): SnapshotManifest | undefined {
  return manifests.find(({ info }) => info.id === id);
}

function removeOthers({ directory, manifests, loading }: GroupFiles): Promise<void> {
  return directory.keepOnly([...manifests, ...[...loading].map(({ manifest }) => manifest)]);
}

async function discardReceived(files: GroupFiles): Promise<void> {
  const { receiving } = files;
  files.receiving = null;
  if (receiving !== null) await files.directory.discard(receiving.file);
}

const fullCodes = new Set(['ENOSPC', 'EDQUOT']);

async function writing<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code !== undefined && fullCodes.has(code) ? snapshotNoRoom(error) : snapshotFailed(error);
  }
}
