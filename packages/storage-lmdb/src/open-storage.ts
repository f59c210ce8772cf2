import { join } from 'node:path';
import type { MemberId } from '@flotilla/core';
import type { Archive, JournalRetention, LogStore, RoomWatch, StorageError } from '@flotilla/storage';
import type { OnArchiveFailure } from './archived-history.ts';
import { openClaimedFile } from './claimed-file.ts';
import { type DataDirectory, logFile, openDataDirectory, sizeOf, stateFile } from './data-directory.ts';
import { DirectoryRoom, type DirectoryRoomOptions } from './directory-room.ts';
import type { Environment } from './environment.ts';
import { clusterIdOf, type Identity, unusable } from './identity.ts';
import { JournalArchiver } from './journal-archiver.ts';
import { LmdbLogStore } from './lmdb-log-store.ts';
import { LmdbStateStore } from './lmdb-state-store.ts';
import { enterGeneration } from './log-generation.ts';
import type { OnScanProgress } from './log-reader.ts';
import { describeOpening } from './opening.ts';
import { RememberedPeers } from './remembered-peers.ts';
import { Scrubber, type ScrubOptions } from './scrubber.ts';
import { LogVerifier } from './verify/log-verifier.ts';
import { StateVerifier } from './verify/state-verifier.ts';

export interface LmdbStorageOptions {
  /** Created where it is absent. Not on a network file system: LMDB needs shared memory maps. */
  readonly directory: string;
  readonly identity: Identity;
  /** What the event journal keeps; everything where absent. */
  readonly retention?: JournalRetention;
  /** Address space for each of the two files, in bytes; default 16 GiB. It costs neither memory nor disk. */
  readonly mapSizeBytes?: number;
  /** How much room on the disk is little. */
  readonly room?: DirectoryRoomOptions;
  /** How long derived state may wait in memory for its transaction, in milliseconds; default 20. */
  readonly flushDelayMs?: number;
  /** Called from time to time while a log is verified at its recovery. */
  readonly onProgress?: OnScanProgress;
  /**
   * Where what is compacted, and what the journal no longer keeps, is moved instead of being removed; it is removed once it is there.
   * `onFailure` hears where that does not succeed: then it stays, and is tried again.
   */
  readonly archive?: { readonly archive: Archive; readonly onFailure: OnArchiveFailure };
}

/** A host's storage: two stores in one directory, which belongs to this process until `close`. */
export interface LmdbStorage {
  readonly logStore: LogStore;
  readonly stateStore: LmdbStateStore;
  /** What the members call their cluster, see {@link clusterIdOf}. For the handshake of the transport, and for those who join. */
  readonly clusterId: string;
  /** The room on the disk of the directory. */
  readonly roomWatch: RoomWatch;
  /** What somebody should know about what was found at the opening, in sentences; mostly nothing. */
  readonly warnings: readonly string[];
  /** Whose data this is, and which opening of it, for the handshake of the transport. A member that comes with older data is refused. */
  readonly incarnation: string;
  /** See {@link RememberedPeers.admit}. */
  admit(peer: MemberId, incarnation: string): string | null;
  /**
   * Begins to read everything that is stored again, slowly, until `close`. Where something is damaged, the stores fail, and `onDamage`
   * is called with a `log_corrupted` that says what and where: the host has to stop, and heals at its next start.
   */
  startScrub(onDamage: (error: StorageError) => void, options?: ScrubOptions): void;
  /** Closes both stores, and lets other processes have the directory. */
  close(): Promise<void>;
}

/** Derived state waits for the disk once this much of it is in memory. */
const unflushedBytesMax = 16 * 2 ** 20;

/** Long enough to write a large state to a slow disk. */
const viewLifeMsMax = 15 * 60_000;

/**
 * Opens a host's storage, creating it at the first start.
 *
 * Throws `data_directory_in_use`, `data_directory_of_another_member`, `data_directory_of_another_cluster` or
 * `data_directory_unusable`; each says in its hint what to do.
 */
export async function openLmdbStorage(options: LmdbStorageOptions): Promise<LmdbStorage> {
  try {
    return await openStorage(options);
  } catch (error) {
    // What the disk said to a small file of the directory.
    if (!(error instanceof Error && 'errno' in error)) throw error;
    throw unusable(
      `${options.directory} cannot be used: ${error.message}`,
      'Check the disk (room, hardware, kernel log), and start again.',
      error,
    );
  }
}

async function openStorage(options: LmdbStorageOptions): Promise<LmdbStorage> {
  const directory = await openDataDirectory(options.directory, options.identity);
  const opened: Environment[] = [];
  let room: DirectoryRoom | null = null;
  try {
    room = new DirectoryRoom(directory.path, options.room);
    const warnings = await warningsOf(directory);
    for (const name of [logFile, stateFile] as const) opened.push(await openClaimedFile(directory, name, { ...options, budget: room }));
    const [log, state] = opened as [Environment, Environment];
    const peers = await RememberedPeers.open(directory.path, directory.identity.memberId);
    const generation = await enterGeneration(log, directory);
    return assemble({ directory, room, warnings, generation, log, state, peers }, options);
  } catch (error) {
    room?.close();
    await Promise.allSettled(opened.map((environment) => environment.close()));
    await directory.release();
    throw error;
  }
}

/** State that is lost is rebuilt, which may take a while, and events that are behind the log's beginning are gone. */
async function warningsOf({ path, isNew }: DataDirectory): Promise<readonly string[]> {
  const file = join(path, stateFile);
  return isNew || (await sizeOf(file))
    ? []
    : [`${file} is missing or empty: it begins anew, and the snapshot and the log rebuild the state`];
}

interface OpenedParts {
  readonly directory: DataDirectory;
  readonly room: DirectoryRoom;
  readonly warnings: readonly string[];
  readonly generation: number;
  readonly log: Environment;
  readonly state: Environment;
  readonly peers: RememberedPeers;
}

function assemble({ directory, room, warnings, generation, log, state, peers }: OpenedParts, options: LmdbStorageOptions): LmdbStorage {
  const { identity, identityFile } = directory;
  const logStore = new LmdbLogStore(log, { generation, terms: identityFile, onProgress: options.onProgress, archive: options.archive });
  const { retention = {}, flushDelayMs = 20, archive } = options;
  const archiver = archive && new JournalArchiver(archive.archive, archive.onFailure);
  const stateStore = new LmdbStateStore(state, { retention, flushDelayMs, unflushedBytesMax, viewLifeMsMax, archiver });
  let scrubber: Scrubber | null = null;
  let closing: Promise<void> | null = null;
  const close = async () => {
    room.close();
    scrubber?.stop();
    await Promise.allSettled([logStore.close(), stateStore.close()]);
    await Promise.allSettled([identityFile.settled()]);
    await directory.release();
  };
  return {
    logStore,
    stateStore,
    roomWatch: room,
    warnings,
    clusterId: clusterIdOf(identity),
    incarnation: describeOpening(identity.incarnation, generation),
    admit: (peer, incarnation) => peers.admit(peer, incarnation),
    startScrub(onDamage, scrub) {
      scrubber ??= new Scrubber(
        [
          { environment: log, verifier: (onProblem) => new LogVerifier(onProblem) },
          { environment: state, verifier: (onProblem) => new StateVerifier(onProblem) },
        ],
        onDamage,
        scrub,
      );
      scrubber.start();
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
