import type { GroupId } from '@flotilla/core';
import type { StorageError } from '@flotilla/storage';
import type { Environment } from './environment.ts';
import { groupKey, groupOf } from './keys.ts';
import { PageFile } from './pages/page-file.ts';
import { findRecord, type PageRecord, walkTree } from './pages/walk-tree.ts';
import { keyOf, type OnProblem, type RecordProblem, type RecordVerifier } from './verify/record-verifier.ts';

export interface ScrubOptions {
  /** How fast records are read again; default 4 MiB. */
  readonly bytesPerSecond?: number;
  /** How long to rest once everything was read, in milliseconds; default an hour. */
  readonly restMs?: number;
}

/** One of the files that are read again. */
export interface ScrubbedFile {
  readonly environment: Environment;
  verifier(onProblem: OnProblem): RecordVerifier;
  /** The error for what was found. */
  corrupted(message: string): StorageError;
}

/** How much is read with one view of a file: what LMDB cannot write over meanwhile. */
const sliceBytes = 256 * 1024;

/**
 * Reads all records again and again, slowly, and verifies them: damage is found while the other members still have what was damaged.
 * It reads what the system gives it, which may be its page cache instead of the disk.
 */
export class Scrubber {
  readonly #files: readonly ScrubbedFile[];
  readonly #sliceMs: number;
  readonly #restMs: number;
  #timer: NodeJS.Timeout | null = null;
  #file = 0;
  /** The last record that was verified, in the file that it is at. */
  #last: Buffer | null = null;

  constructor(files: readonly ScrubbedFile[], options: ScrubOptions = {}) {
    this.#files = files;
    this.#sliceMs = (sliceBytes / (options.bytesPerSecond ?? 4 * 2 ** 20)) * 1_000;
    this.#restMs = options.restMs ?? 3_600_000;
  }

  start(): void {
    this.#timer ??= setTimeout(() => this.#run(), this.#sliceMs).unref();
  }

  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #run(): void {
    this.#timer = null;
    const scrubbed = this.#files[this.#file];
    if (!scrubbed) {
      this.#file = 0;
      this.#timer = setTimeout(() => this.#run(), this.#restMs).unref();
      return;
    }
    const problem = this.#slice(scrubbed);
    if (problem === null) return this.start();
    const { environment, corrupted } = scrubbed;
    environment.damaged(corrupted(`${problem.group === null ? '' : `group ${problem.group}: `}${problem.what} in ${environment.file}`));
  }

  /** Verifies a slice, and begins the next file behind the last one. Returns the first problem. */
  #slice({ environment, verifier }: ScrubbedFile): RecordProblem | null {
    let first: RecordProblem | null = null;
    const transaction = environment.db.useReadTransaction();
    try {
      const pages = new PageFile(environment.file);
      try {
        const verify = verifier((problem) => {
          first ??= problem;
        });
        this.#resume(verify, pages);
        if (!this.#verify(verify, pages)) this.#next();
      } finally {
        pages.close();
      }
    } catch (error) {
      // No descriptor was left for a moment.
      if (error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE')) return null;
      first = { group: null, index: null, what: error instanceof Error ? error.message : String(error) };
    } finally {
      transaction.done();
    }
    return first;
  }

  /** What was verified last may have been replaced meanwhile: it is verified again, and the next one against it. */
  #resume(verify: RecordVerifier, pages: PageFile): void {
    const group: GroupId | undefined = this.#last ? groupOf(this.#last) : undefined;
    if (group !== undefined && this.#last && this.#last.length > groupKey(group).length)
      verify.resume(group, (key) => findRecord(pages, key));
  }

  /** Whether there is more. */
  #verify(verify: RecordVerifier, pages: PageFile): boolean {
    let bytes = 0;
    let last: Buffer | null = null;
    const add = (record: PageRecord) => {
      verify.add(record);
      bytes += record.valueEnd - record.valueStart;
      if (bytes < sliceBytes) return true;
      last = Buffer.from(keyOf(record));
      return false;
    };
    const walk = walkTree(pages, pages.meta.records, add, this.#last ? { start: this.#last } : {});
    while (!walk.next().done);
    // A single record that fills a slice is not read for ever.
    this.#last = last !== null && this.#last?.equals(last) ? Buffer.concat([last, Buffer.alloc(1)]) : last;
    return last !== null;
  }

  #next(): void {
    this.#file++;
    this.#last = null;
  }
}
