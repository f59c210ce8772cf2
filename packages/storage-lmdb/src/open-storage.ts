import type { MemberId } from '@flotilla/core';
import { type Archive, type JournalRetention, type LogStore, type RoomWatch, StorageError } from '@flotilla/storage';
import type { OnArchiveFailure } from './archived-history.ts';
import { openClaimedFile } from './claimed-file.ts';
import { type DataDirectory, logFile, openDataDirectory } from './data-directory.ts';
import { DirectoryRoom, type DirectoryRoomOptions } from './directory-room.ts';
import type { Environment } from './environment.ts';
import { markStateDamaged, openHealingState } from './healing-state.ts';
import { clusterIdOf, type Identity, rolledBack, unusable } from './identity.ts';
import { JournalArchiver } from './journal-archiver.ts';
import { LmdbLogStore } from './lmdb-log-store.ts';
import { LmdbStateStore } from './lmdb-state-store.ts';
import { enterGeneration } from './log-generation.ts';
import type { OnScanProgress } from './log-reader.ts';
import { laterOpening, newOpening } from './opening.ts';
import { RememberedPeers } from './remembered-peers.ts';
import { Scrubber, type ScrubOptions } from './scrubber.ts';
import { stateCorrupted } from './state-damage.ts';
import { StopReason } from './stop-reason.ts';
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
  /** The incarnation with which a peer was admitted last: what to tell it where it is refused. Null for a stranger. */
  seen(peer: MemberId): string | null;
  /**
   * A peer has refused this member, and has `seen` this incarnation of it before, see {@link LmdbStorage.seen}. Where that is a later
   * opening of the same data, this is an older copy: it is marked durably, never opens again, and `onStop` is called. Where it is
   * anything else, the peer is wrong, and nothing happens.
   */
  refusedBy(peer: MemberId, seen: string): void;
  /**
   * Calls `listener` once, also later on, when this storage must not be used any more, and the host has to stop: `state_corrupted` or
   * `log_corrupted`, which say what is damaged and where, and heal at the next start; or `data_directory_unusable` for an older copy.
   */
  onStop(listener: (reason: StorageError) => void): void;
  /** Begins to read everything that is stored again, slowly, until `close`. Where something is damaged, `onStop` is called. */
  startScrub(options?: ScrubOptions): void;
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
  const stop = new StopReason();
  let room: DirectoryRoom | null = null;
  try {
    room = new DirectoryRoom(directory.path, options.room);
    // The log first: a state file is set aside only where it is certain whose directory this is.
    const log = await openClaimedFile(directory, logFile, { ...options, budget: room, onDamage: (error) => stop.stop(error) });
    opened.push(log);
    const onDamage = (error: StorageError) => stop.stop(marked(directory, error));
    const { environment: state, warning } = await openHealingState(directory, { ...options, budget: room, onDamage });
    opened.push(state);
    const warnings = warning === null ? [] : [warning];
    const peers = await RememberedPeers.open(directory.path, directory.identity.memberId);
    const generation = await enterGeneration(log, directory);
    return assemble({ directory, room, stop, warnings, generation, log, state, peers }, options);
  } catch (error) {
    room?.close();
    await Promise.allSettled(opened.map((environment) => environment.close()));
    await directory.release();
    throw error;
  }
}

function logCorrupted(message: string): StorageError {
  return new StorageError(
    'log_corrupted',
    message,
    'Start the member again: it heals from the others what it can, and says what to do where it cannot. Have a look at the disk.',
  );
}

/** The error, after the state is marked: the next opening rebuilds it. Where that fails, the error says so. */
function marked({ path }: DataDirectory, error: StorageError): StorageError {
  try {
    markStateDamaged(path, error.message);
    return error;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const hint = 'Make room on the disk, or check it. Then remove state.mdb while the member is stopped, and start it again.';
    return new StorageError('state_corrupted', `${error.message}, and could not be marked: ${why}`, hint, { cause });
  }
}

interface OpenedParts {
  readonly directory: DataDirectory;
  readonly room: DirectoryRoom;
  readonly stop: StopReason;
  readonly warnings: readonly string[];
  readonly generation: number;
  readonly log: Environment;
  readonly state: Environment;
  readonly peers: RememberedPeers;
}

function assemble(parts: OpenedParts, options: LmdbStorageOptions): LmdbStorage {
  const { directory, room, stop, warnings, generation, log, state, peers } = parts;
  const { identity, identityFile } = directory;
  const logStore = new LmdbLogStore(log, { generation, terms: identityFile, onProgress: options.onProgress, archive: options.archive });
  const { retention = {}, flushDelayMs = 20, archive } = options;
  const archiver = archive && new JournalArchiver(archive.archive, archive.onFailure);
  const stateStore = new LmdbStateStore(state, { retention, flushDelayMs, unflushedBytesMax, viewLifeMsMax, archiver });
  let scrubber: Scrubber | null = null;
  let refused = false;
  let closing: Promise<void> | null = null;
  const incarnation = newOpening(identity.incarnation, generation);
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
    incarnation,
    admit: (peer, incarnation) => peers.admit(peer, incarnation),
    seen: (peer) => peers.seen(peer),
    refusedBy(peer, seen) {
      const later = laterOpening(incarnation, seen);
      // Whoever has the directory afterwards may be the later opening.
      if (!later || closing || refused) return;
      refused = true;
      const why = `member ${peer} has seen opening ${later.generation} of it, and this was opening ${generation}`;
      // Where it cannot be written the member is refused again at its next start; `close` waits for it.
      identityFile.change({ rolledBack: why }).catch(() => {});
      stop.stop(rolledBack(directory.path, why));
    },
    onStop: (listener) => stop.onStop(listener),
    startScrub(scrub) {
      scrubber ??= new Scrubber(
        [
          { environment: log, verifier: (onProblem) => new LogVerifier(onProblem), corrupted: logCorrupted },
          { environment: state, verifier: (onProblem) => new StateVerifier(onProblem), corrupted: stateCorrupted },
        ],
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
