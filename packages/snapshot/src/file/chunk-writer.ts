import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

/** The bytes of each chunk but the last: what is read and verified at a time. */
export const chunkBytes = 256 * 1024;

/**
 * No more than so much waits for the disk. A gigabyte that is synced at once keeps the log's own syncs waiting for as long as the disk
 * takes for all of it, and with them every write of the group.
 */
export const unsyncedBytesMax = 8 * 2 ** 20;

/** What was written, as the manifest says it. */
export interface WrittenChunks {
  /** SHA-256 in hexadecimal digits. */
  readonly id: string;
  readonly size: number;
  readonly checksums: readonly number[];
}

/** Writes a file from its beginning to its end, and sums it up meanwhile. */
export class ChunkWriter {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  readonly #checksums: number[] = [];
  #size = 0;
  #unsynced = 0;
  /** Of the last chunk, which is not full. */
  #checksum = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  get size(): number {
    return this.#size;
  }

  async append(part: Uint8Array): Promise<void> {
    for (let written = 0; written < part.length; ) {
      const { bytesWritten } = await this.#file.write(part, written, part.length - written, this.#size + written);
      written += bytesWritten;
    }
    this.#hash.update(part);
    this.#sum(part);
    this.#unsynced += part.length;
    if (this.#unsynced < unsyncedBytesMax) return;
    await this.#file.datasync();
    this.#unsynced = 0;
  }

  /** Everything is on disk; nothing is written any more. */
  async finish(): Promise<WrittenChunks> {
    await this.#file.sync();
    await this.#file.close();
    const checksums = this.#size % chunkBytes === 0 ? this.#checksums : [...this.#checksums, this.#checksum];
    return { id: this.#hash.digest('hex'), size: this.#size, checksums };
  }

  /** Harmless when called again, and when finished. */
  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {});
  }

  #sum(part: Uint8Array): void {
    for (let from = 0; from < part.length; ) {
      const to = Math.min(part.length, from + chunkBytes - (this.#size % chunkBytes));
      this.#checksum = crc32(part.subarray(from, to), this.#checksum);
      this.#size += to - from;
      from = to;
      if (this.#size % chunkBytes === 0) {
        this.#checksums.push(this.#checksum);
        this.#checksum = 0;
      }
    }
  }
}
