import type { MemberId } from '@flotilla/core';
import type { JournalRetention, LogStore } from '@flotilla/storage';
import { openClaimedFile } from './claimed-file.ts';
import { type DataDirectory, logFile, openDataDirectory, stateFile } from './data-directory.ts';
import type { Environment } from './environment.ts';
import { clusterIdOf, type Identity } from './identity.ts';
import { LmdbLogStore } from './lmdb-log-store.ts';
import { LmdbStateStore } from './lmdb-state-store.ts';
import { enterGeneration } from './log-generation.ts';
import type { OnScanProgress } from './log-reader.ts';
import { describeOpening } from './opening.ts';
import { RememberedPeers } from './remembered-peers.ts';

export interface LmdbStorageOptions {
  /** Created where it is absent. Not on a network file system: LMDB needs shared memory maps. */
  readonly directory: string;
  readonly identity: Identity;
  /** What the event journal keeps; everything where absent. */
  readonly retention?: JournalRetention;
  /** Address space for each of the two files, in bytes; default 16 GiB. It costs neither memory nor disk. */
  readonly mapSizeBytes?: number;
  /** Writes are refused once the file system has less room than this, in bytes; default 64 MiB. */
  readonly freeBytesMin?: number;
  /** How long derived state may wait in memory for its transaction, in milliseconds; default 20. */
  readonly flushDelayMs?: number;
  /** Called from time to time while a log is verified at its recovery. */
  readonly onProgress?: OnScanProgress;
}

/** A host's storage: two stores in one directory, which belongs to this process until `close`. */
export interface LmdbStorage {
  readonly logStore: LogStore;
  readonly stateStore: LmdbStateStore;
  /** What the members call their cluster, see {@link clusterIdOf}. For the handshake of the transport, and for those who join. */
  readonly clusterId: string;
  /** Whose data this is, and which opening of it, for the handshake of the transport. A member that comes with older data is refused. */
  readonly incarnation: string;
  /** See {@link RememberedPeers.admit}. */
  admit(peer: MemberId, incarnation: string): string | null;
  /** Closes both stores, and lets other processes have the directory. */
  close(): Promise<void>;
}

/** Derived state waits for the disk once this much of it is in memory. */
const unflushedBytesMax = 16 * 2 ** 20;

/**
 * Opens a host's storage, creating it at the first start.
 *
 * Throws `data_directory_in_use`, `data_directory_of_another_member`, `data_directory_of_another_cluster` or
 * `data_directory_unusable`; each says in its hint what to do.
 */
export async function openLmdbStorage(options: LmdbStorageOptions): Promise<LmdbStorage> {
  const directory = await openDataDirectory(options.directory, options.identity);
  const opened: Environment[] = [];
  try {
    for (const name of [logFile, stateFile] as const) opened.push(await openClaimedFile(directory, name, options));
    const [log, state] = opened as [Environment, Environment];
    const peers = await RememberedPeers.open(directory.path, directory.identity.memberId);
    const generation = await enterGeneration(log, directory);
    return assemble(directory, generation, log, state, peers, options);
  } catch (error) {
    await Promise.allSettled(opened.map((environment) => environment.close()));
    await directory.release();
    throw error;
  }
}

function assemble(
  directory: DataDirectory,
  generation: number,
  log: Environment,
  state: Environment,
  peers: RememberedPeers,
  options: LmdbStorageOptions,
): LmdbStorage {
  const { identity, identityFile } = directory;
  const logStore = new LmdbLogStore(log, { generation, terms: identityFile, onProgress: options.onProgress });
  const { retention = {}, flushDelayMs = 20 } = options;
  const stateStore = new LmdbStateStore(state, { retention, flushDelayMs, unflushedBytesMax });
  let closing: Promise<void> | null = null;
  const close = async () => {
    await Promise.allSettled([logStore.close(), stateStore.close()]);
    await Promise.allSettled([identityFile.settled()]);
    await directory.release();
  };
  return {
    logStore,
    stateStore,
    clusterId: clusterIdOf(identity),
    incarnation: describeOpening(identity.incarnation, generation),
    admit: (peer, incarnation) => peers.admit(peer, incarnation),
    close() {
      closing ??= close();
      return closing;
    },
  };
}
