import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { decodeMeta, type Meta, metaBytes, newerMeta } from './meta-page.ts';
import { PageDamage } from './page-damage.ts';

/** What is read at once where a walk goes forward in the file. */
const pieceBytes = 2 ** 18;

/** How many pages of a piece are read alone before the whole piece is: where a tree was filled in any order, a walk jumps. */
const lonelyReadsMax = 3;

/** How many pieces and single pages are kept, and of how many pieces it is known that somebody read single pages of them. */
const piecesMax = 16;
const pagesMax = 16;
const visitedMax = 64;

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
  /** By their number; those used last are last. */
  readonly #pieces = new Map<number, Buffer>();
  readonly #pages = new Map<number, Buffer>();
  /** How many single pages were read of a piece. */
  readonly #visited = new Map<number, number>();
  #large = Buffer.alloc(0);
  #bytesRead = 0;

  /** Throws {@link PageDamage} for a file that LMDB cannot have written, and what the file system says for one that cannot be read. */
  constructor(file: string) {
    this.file = file;
    this.#descriptor = openSync(file, 'r');
    try {
      this.meta = this.newestMeta();
      // Afterwards: a member that runs makes the file longer first, and then says so in a meta page.
      this.sizeBytes = fstatSync(this.#descriptor).size;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** How many bytes the looks at its pages have read so far. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /** Where the page with this number lies. Throws {@link PageDamage} where the file does not have it. */
  page(number: number): FileBytes {
    return this.bytes(number, this.meta.pageBytes);
  }

  /** The first `length` bytes of the pages that begin with this one. */
  bytes(page: number, length: number): FileBytes {
    const from = page * this.meta.pageBytes;
    this.#assertHas(page, length);
    const isPage = length <= this.meta.pageBytes;
    const single = isPage ? kept(this.#pages, page) : undefined;
    if (single) return { buffer: single, start: 0 };
    const piece = Math.floor(from / pieceBytes);
    if (from + length > (piece + 1) * pieceBytes) return this.#readLarge(from, length);
    const start = from - piece * pieceBytes;
    const known = kept(this.#pieces, piece);
    if (known) return { buffer: known, start };
    const visits = this.#visit(piece);
    if (visits > lonelyReadsMax) return { buffer: this.#readPiece(piece), start };
    if (!isPage) return this.#readLarge(from, length);
    const buffer = roomIn(this.#pages, pagesMax, this.meta.pageBytes);
    this.#read(buffer, this.meta.pageBytes, from);
    this.#pages.set(page, buffer);
    return { buffer, start: 0 };
  }

  /** `count` pages from this one on, read at once. */
  pages(first: number, count: number): FileBytes {
    this.#assertHas(first, count * this.meta.pageBytes);
    return this.#readLarge(first * this.meta.pageBytes, count * this.meta.pageBytes);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Throws {@link PageDamage} where the file has not so many bytes from this page on. */
  #assertHas(page: number, length: number): void {
    if (page < 2 || page > this.meta.lastPage || page * this.meta.pageBytes + length > this.sizeBytes) {
      throw new PageDamage(page, `the file ends at ${this.sizeBytes} bytes, page ${this.meta.lastPage} is its last one`);
    }
  }

  /** Counts the visits to a piece. */
  #visit(piece: number): number {
    const visits = (kept(this.#visited, piece) ?? 0) + 1;
    this.#visited.set(piece, visits);
    if (this.#visited.size > visitedMax) takeOldest(this.#visited);
    return visits;
  }

  #readPiece(piece: number): Buffer {
    const buffer = roomIn(this.#pieces, piecesMax, pieceBytes);
    const from = piece * pieceBytes;
    this.#read(buffer, Math.min(pieceBytes, this.sizeBytes - from), from);
    this.#pieces.set(piece, buffer);
    return buffer;
  }

  #readLarge(from: number, length: number): FileBytes {
    if (this.#large.length < length) this.#large = Buffer.allocUnsafeSlow(length);
    this.#read(this.#large, length, from);
    return { buffer: this.#large, start: 0 };
  }

  #read(buffer: Buffer, length: number, from: number): void {
    for (let done = 0; done < length; ) {
      const bytes = readSync(this.#descriptor, buffer, done, length - done, from + done);
      if (bytes === 0) throw new PageDamage(null, `the file ended at ${from + done} bytes while it was read`);
      done += bytes;
      this.#bytesRead += bytes;
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

/** What a map has under a key, which is used last from now on. */
function kept<T>(map: Map<number, T>, key: number): T | undefined {
  const value = map.get(key);
  if (value === undefined) return undefined;
  map.delete(key);
  map.set(key, value);
  return value;
}

function takeOldest<T>(map: Map<number, T>): T | undefined {
  for (const [key, value] of map) {
    map.delete(key);
    return value;
  }
  return undefined;
}

/** A buffer for one more: that of the oldest where there are enough. */
function roomIn(map: Map<number, Buffer>, max: number, bytes: number): Buffer {
  return (map.size >= max ? takeOldest(map) : undefined) ?? Buffer.allocUnsafeSlow(bytes);
}
