import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { decodeMeta, type Meta, metaBytes, newerMeta } from './meta-page.ts';
import { PageDamage } from './page-damage.ts';

/** What is read at once, and how many such pieces are kept: a walk goes forward, but for the few pages above. */
const pieceBytes = 2 ** 18;
const piecesMax = 16;

/** Bytes of a file: `length` of them in `buffer` from `start` on. They stay what they are until the next ones are asked for. */
export interface FileBytes {
  readonly buffer: Buffer;
  readonly start: number;
}

/**
 * Reads an LMDB file by itself, with plain reads: where LMDB maps a file that lacks a part of itself, the first touch of that part
 * kills the process (SIGBUS), and a page that is no page can make it do anything.
 */
export class PageFile {
  readonly file: string;
  readonly sizeBytes: number;
  readonly meta: Meta;
  readonly #descriptor: number;
  readonly #pieces = new Map<number, Buffer>();
  #large = Buffer.alloc(0);

  /** Throws {@link PageDamage} for a file that LMDB cannot have written, and what the file system says for one that cannot be read. */
  constructor(file: string) {
    this.file = file;
    this.#descriptor = openSync(file, 'r');
    try {
      this.sizeBytes = fstatSync(this.#descriptor).size;
      this.meta = this.newestMeta();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Where the page with this number lies. Throws {@link PageDamage} where the file does not have it. */
  page(number: number): FileBytes {
    return this.bytes(number, this.meta.pageBytes);
  }

  /** The first `length` bytes of the pages that begin with this one. */
  bytes(page: number, length: number): FileBytes {
    const from = page * this.meta.pageBytes;
    if (page < 2 || page > this.meta.lastPage || from + length > this.sizeBytes) {
      throw new PageDamage(page, `the file ends at ${this.sizeBytes} bytes, page ${this.meta.lastPage} is its last one`);
    }
    const piece = Math.floor(from / pieceBytes);
    if (from + length <= (piece + 1) * pieceBytes) return { buffer: this.#piece(piece), start: from - piece * pieceBytes };
    if (this.#large.length < length) this.#large = Buffer.allocUnsafeSlow(length);
    this.#read(this.#large, length, from);
    return { buffer: this.#large, start: 0 };
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #piece(number: number): Buffer {
    const known = this.#pieces.get(number);
    if (known) {
      // Those used last are last.
      this.#pieces.delete(number);
      this.#pieces.set(number, known);
      return known;
    }
    let buffer: Buffer | undefined;
    if (this.#pieces.size === piecesMax) {
      const [[oldest, reused]] = this.#pieces as unknown as [[number, Buffer]];
      this.#pieces.delete(oldest);
      buffer = reused;
    }
    buffer ??= Buffer.allocUnsafeSlow(pieceBytes);
    const from = number * pieceBytes;
    this.#read(buffer, Math.min(pieceBytes, this.sizeBytes - from), from);
    this.#pieces.set(number, buffer);
    return buffer;
  }

  #read(buffer: Buffer, length: number, from: number): void {
    for (let done = 0; done < length; ) {
      const bytes = readSync(this.#descriptor, buffer, done, length - done, from + done);
      if (bytes === 0) throw new PageDamage(null, `the file ended at ${from + done} bytes while it was read`);
      done += bytes;
    }
  }

  /** What the file says now. */
  newestMeta(): Meta {
    // Twice, until both are the same: a member that runs may be writing one of them.
    for (let before = this.#metas(); ; ) {
      const now = this.#metas();
      if (now.equals(before)) return newerMeta(decodeMeta(now.subarray(0, metaBytes), 0), decodeMeta(now.subarray(metaBytes), 1));
      before = now;
    }
  }

  /** The beginning of the first two pages. */
  #metas(): Buffer {
    const first = Buffer.alloc(metaBytes);
    readSync(this.#descriptor, first, 0, metaBytes, 0);
    const { pageBytes } = decodeMeta(first, 0);
    const second = Buffer.alloc(metaBytes);
    readSync(this.#descriptor, second, 0, metaBytes, pageBytes);
    return Buffer.concat([first, second]);
  }
}
