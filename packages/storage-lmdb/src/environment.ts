import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { isStorageError, StorageError } from '@flotilla/storage';
import { open, type RootDatabase } from 'lmdb';

export type Database = RootDatabase<Uint8Array, Uint8Array>;

/**
 * Opens an LMDB file so that a write resolves only when it is on disk, and so that no reader sees it before.
 *
 * With `overlappingSync`, lmdb's default, both do not hold, and an error of the last step of a commit is lost. `noSync`,
 * `noMetaSync`, `mapAsync` and `useWritemap` give up durability or consistency and must never be set here.
 *
 * `eventTurnBatching` would add nothing, since everything is written in batches, and makes a promise of its own for each
 * turn, which nobody could handle when its commit fails.
 */
export function openDatabase(file: string, mapSizeBytes: number): Database {
  return open<Uint8Array, Uint8Array>(file, { ...encodings, overlappingSync: false, eventTurnBatching: false, mapSize: mapSizeBytes });
}

/** Opens an LMDB file for reading, also while another process writes it. */
export function openDatabaseReadOnly(file: string): Database {
  return open<Uint8Array, Uint8Array>(file, { ...encodings, readOnly: true });
}

const encodings = { noSubdir: true, encoding: 'binary', keyEncoding: 'binary' } as const;

/** Is told what is about to be written; throws where there is no room for it. */
export interface WriteBudget {
  take(bytes: number): void;
}

/** A file whose records are read and verified. */
export interface RecordSource {
  readonly db: Database;
  readonly file: string;
  /** Is told what is not what was written, before the reader throws the same. */
  damaged(error: StorageError): void;
}

export interface EnvironmentOptions {
  readonly budget: WriteBudget;
  /** Called once, where a record turns out to be damaged. */
  readonly onDamage?: ((error: StorageError) => void) | undefined;
}

interface QueuedCommit {
  readonly operations: () => void;
  readonly resolve: () => void;
  readonly reject: (error: StorageError) => void;
}

/** One LMDB file that this process writes: commits in order, and fails for good at the first error. */
export class Environment implements RecordSource {
  readonly db: Database;
  readonly file: string;
  readonly #options: EnvironmentOptions;
  /** Commits that share the next transaction. */
  #queued: QueuedCommit[] = [];
  #committing: readonly QueuedCommit[] = [];
  #idle: (() => void) | null = null;
  #failure: StorageError | null = null;
  /** What lmdb itself has under way. */
  #transaction: Promise<unknown> | null = null;
  #transactionFailed = false;
  #closing: Promise<void> | null = null;

  constructor(db: Database, file: string, options: EnvironmentOptions) {
    this.db = db;
    this.file = file;
    this.#options = options;
  }

  /** Whether commits are under way, so that what is on disk may be ahead of what has resolved. */
  get busy(): boolean {
    return this.#committing.length > 0;
  }

  /** Throws `storage_failed`, `storage_closed` or what was damaged where this file must not be used any more. */
  assertUsable(): void {
    if (this.#failure) throw this.#failure;
    if (this.#closing) throw new StorageError('storage_closed', `${this.file} is closed`, 'Open the storage again to use it.');
  }

  /**
   * Commits what `operations` puts and removes, as one transaction: all of it or nothing. `operations` must not fail in
   * the middle, for LMDB would commit its first half: whatever can fail is computed before. `bytes` is what it writes.
   *
   * Commits that nobody waits for happen in the order of the calls; those that come while one is under way share the next
   * transaction. lmdb is never given two at a time: after a failed one it goes on with the next, which would leave a hole, or
   * keeps its own lock for ever. It never splits one: a batch is a block of its instruction queue, which only a synchronous
   * transaction could interrupt, and none is used once a file is open.
   */
  commit(bytes: number, operations: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.assertUsable();
      this.#queued.push({ operations, resolve, reject });
      try {
        this.#options.budget.take(bytes);
      } catch (error) {
        return this.fail(error);
      }
      if (this.#committing.length === 0) this.#commitQueued();
    });
  }

  #commitQueued(): void {
    const commits = this.#queued;
    this.#queued = [];
    this.#committing = commits;
    let committed: Promise<boolean>;
    try {
      committed = this.db.batch(() => {
        for (const { operations } of commits) operations();
      });
    } catch (error) {
      this.#transactionFailed = true;
      this.fail(error);
      return;
    }
    this.#transaction = committed;
    committed.then(
      () => {
        if (this.#failure) return;
        this.#committing = [];
        if (this.#queued.length > 0) this.#commitQueued();
        else this.#idle?.();
        for (const { resolve } of commits) resolve();
      },
      (error) => {
        this.#transactionFailed = true;
        this.fail(error);
      },
    );
  }

  /** Waits for the commits under way, and closes the file. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    if (this.busy) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
    }
    // Where it failed for another reason than a commit, one may still be under way.
    await this.#transaction?.catch(() => {});
    // After a failed commit lmdb may wait for ever for the next one; the process is about to end anyway.
    if (!this.#transactionFailed) await this.db.close();
  }

  damaged(error: StorageError): void {
    if (this.#failure) return;
    this.fail(error);
    this.#options.onDamage?.(error);
  }

  /**
   * Fails for good. After an error of fsync the kernel takes the lost pages for written, so that a second try would
   * succeed without them.
   */
  fail(error: unknown): void {
    const known = this.#failure;
    this.#failure ??= isDamage(error) ? error : failureOf(this.file, error);
    // lmdb says what the disk said only a moment later, by a promise of its own; nobody else would ever handle it.
    const commitError: unknown = error instanceof Error && 'commitError' in error ? error.commitError : undefined;
    const told = commitError instanceof Promise ? reasonOf(commitError) : null;
    if (known || told === null) return this.#rejectAll(this.#failure);
    void told.then((reason) => {
      if (reason !== null) this.#failure = failureOf(this.file, reason);
      this.#rejectAll(this.#failure as StorageError);
    });
  }

  #rejectAll(failure: StorageError): void {
    for (const { reject } of [...this.#committing, ...this.#queued]) reject(failure);
    this.#committing = [];
    this.#queued = [];
    this.#idle?.();
  }
}

/** How long lmdb may take to say why a commit failed, in milliseconds. */
const reasonMsMax = 1_000;

/** With less than this left, a disk is full, whatever it says itself: LMDB reports that as an error of input and output. */
const fullBytes = 2 ** 20;

/** What a promise is rejected with; null where it is not rejected soon. */
function reasonOf(rejected: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), reasonMsMax);
    const settle = (reason: unknown) => {
      clearTimeout(timer);
      resolve(reason);
    };
    rejected.then(() => settle(null), settle);
  });
}

function failureOf(file: string, cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const freeBytes = freeBytesBeside(file);
  const isFull = (freeBytes !== null && freeBytes < fullBytes) || /no space/i.test(reason);
  const message = `${file} cannot be written: ${reason}${isFull && freeBytes !== null ? ` (${freeBytes} bytes are left on its file system)` : ''}`;
  const hint = isFull
    ? 'Stop this process, check the disk and make room on it, and start it again; it recovers from what is on disk.'
    : 'Stop this process, check the disk (room, hardware, kernel log), and start it again; it recovers from what is on disk.';
  return new StorageError('storage_failed', message, hint, { cause });
}

/** Null where even that cannot be told. */
function freeBytesBeside(file: string): number | null {
  try {
    const { bavail, bsize } = statfsSync(dirname(file));
    return bavail * bsize;
  } catch {
    return null;
  }
}

function isDamage(error: unknown): error is StorageError {
  return isStorageError(error, 'state_corrupted') || isStorageError(error, 'log_corrupted');
}
