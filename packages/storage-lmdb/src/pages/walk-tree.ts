import { flagsAt, pageFlags, pageHeaderBytes, type TreeRoot } from './meta-page.ts';
import { PageDamage } from './page-damage.ts';
import type { FileBytes, PageFile } from './page-file.ts';

/*
 * A branch or leaf page has, behind its header, the places of its nodes (2 each, counted from behind the header). A node: size of its
 * data (4; in a branch the number of the page below, with the flags as its upper part), flags (2), size of its key (2), key, data.
 * Data that is too large lies in overflow pages of its own: then there is the first page's number (8), its transaction (8), how many
 * pages (8).
 */

const nodeHeaderBytes = 8;
const bigDataFlag = 0x01;
const depthMax = 32;
const noKey = new Uint8Array(0);

/** A record of a tree. One object serves for all records of a walk: what it says holds until the walk goes on. */
export interface PageRecord {
  key: Uint8Array;
  value: Buffer;
  valueStart: number;
  valueEnd: number;
}

export interface WalkOptions {
  /** Only records from this key on. */
  readonly start?: Uint8Array;
  /** Only records before this key. */
  readonly end?: Uint8Array;
  /** Told every page that the walk comes upon, and how many follow it that belong to the same data. */
  readonly onPage?: (page: number, count: number) => void;
  /** How keys are ordered; by their bytes where absent. */
  readonly compare?: (a: Uint8Array, b: Uint8Array) => number;
}

/**
 * Gives every record of a tree, in the order of the keys, to `visit`, and stops after each leaf page, or for good where `visit` says
 * false. Every page is checked before it is used, as far as it can be wrong. Throws {@link PageDamage}.
 */
export function walkTree(
  file: PageFile,
  tree: TreeRoot,
  visit: (record: PageRecord) => boolean,
  options: WalkOptions = {},
): Generator<void, void, void> {
  return new TreeWalk(file, visit, options).run(tree);
}

/** A copy of the value of the record with this key. Throws {@link PageDamage}. */
export function findRecord(file: PageFile, key: Uint8Array): Buffer | undefined {
  let found: Buffer | undefined;
  const take = ({ value, valueStart, valueEnd }: PageRecord) => {
    found = Buffer.from(value.subarray(valueStart, valueEnd));
    return false;
  };
  const walk = walkTree(file, file.meta.records, take, { start: key, end: Buffer.concat([key, Buffer.alloc(1)]) });
  while (!walk.next().done);
  return found;
}

class TreeWalk {
  readonly #file: PageFile;
  readonly #visit: (record: PageRecord) => boolean;
  readonly #options: WalkOptions;
  readonly #compare: (a: Uint8Array, b: Uint8Array) => number;
  readonly #record: PageRecord = { key: noKey, value: Buffer.alloc(0), valueStart: 0, valueEnd: 0 };
  /** Of the last record. */
  #last: Uint8Array | null = null;
  #ended = false;

  constructor(file: PageFile, visit: (record: PageRecord) => boolean, options: WalkOptions) {
    this.#file = file;
    this.#visit = visit;
    this.#options = options;
    this.#compare = options.compare ?? Buffer.compare;
  }

  *run({ root, depth }: TreeRoot): Generator<void, void, void> {
    if (root === null) return;
    if (depth < 1 || depth > depthMax) throw new PageDamage(root, `its tree has ${depth} levels`);
    yield* this.#descend(root, depth, this.#file.meta.transaction);
  }

  *#descend(number: number, levels: number, transactionMax: number): Generator<void, void, void> {
    this.#options.onPage?.(number, 1);
    const page = this.#checked(number, levels === 1 ? pageFlags.leaf : pageFlags.branch, transactionMax);
    if (levels === 1) {
      this.#leaf(number, page);
      yield;
      return;
    }
    const transaction = transactionOf(page);
    for (const child of this.#children(number, page)) {
      yield* this.#descend(child, levels - 1, transaction);
      if (this.#ended) return;
    }
  }

  /** A page above others is as new as the newest of them, because LMDB writes all of the way up anew. */
  #checked(number: number, flags: number, transactionMax: number): FileBytes {
    const page = this.#file.page(number);
    const { buffer, start } = page;
    if (buffer.readBigUInt64LE(start) !== BigInt(number)) throw new PageDamage(number, 'it has the number of another');
    if (buffer.readUInt16LE(start + flagsAt) !== flags) throw new PageDamage(number, 'it is of another kind');
    if (transactionOf(page) > transactionMax) throw new PageDamage(number, 'it is newer than what refers to it');
    if (flags === pageFlags.overflow) return page;
    const [lower, upper] = [buffer.readUInt16LE(start + flagsAt + 2), buffer.readUInt16LE(start + flagsAt + 4)];
    if (lower % 2 !== 0 || lower > upper || upper > this.#file.meta.pageBytes - pageHeaderBytes) {
      throw new PageDamage(number, 'its bounds are impossible');
    }
    return page;
  }

  /** The pages below that may have any of what is wanted. */
  #children(number: number, page: FileBytes): number[] {
    const { start: from, end } = this.#options;
    const count = this.#count(page);
    if (count < 1) throw new PageDamage(number, 'it refers to nothing');
    const children: number[] = [];
    for (let i = 0; i < count; i++) {
      const node = this.#node(number, page, i, 0);
      // The first key of a branch is empty: it stands for everything before the second.
      if (i > 0 && end && this.#compare(keyOf(page, node), end) >= 0) break;
      if (i + 1 < count && from && this.#compare(keyOf(page, this.#node(number, page, i + 1, 0)), from) <= 0) continue;
      children.push(page.buffer.readUInt32LE(node) + page.buffer.readUInt16LE(node + 4) * 2 ** 32);
    }
    return children;
  }

  #leaf(number: number, page: FileBytes): void {
    const { start: from, end } = this.#options;
    const { buffer } = page;
    const count = this.#count(page);
    for (let i = 0; i < count; i++) {
      const isBig = (buffer.readUInt16LE(this.#node(number, page, i, 0) + 4) & bigDataFlag) !== 0;
      const node = this.#node(number, page, i, isBig ? 24 : null);
      if (buffer.readUInt16LE(node + 4) > bigDataFlag) throw new PageDamage(number, 'a record of it is of another kind');
      const key = keyOf(page, node);
      if (this.#last && this.#compare(this.#last, key) >= 0) throw new PageDamage(number, 'its keys are out of order');
      // A copy, for the page may make room for others.
      this.#last = key;
      if (from && this.#compare(key, from) < 0) continue;
      if (end && this.#compare(key, end) >= 0) {
        this.#ended = true;
        return;
      }
      this.#place(number, page, node, isBig);
      this.#record.key = key;
      if (!this.#visit(this.#record)) {
        this.#ended = true;
        return;
      }
    }
    if (this.#last) this.#last = Uint8Array.prototype.slice.call(this.#last);
  }

  /** Finds the value of a leaf's node. */
  #place(number: number, page: FileBytes, node: number, isBig: boolean): void {
    const { buffer } = page;
    const record = this.#record;
    const length = buffer.readUInt32LE(node);
    const at = node + nodeHeaderBytes + buffer.readUInt16LE(node + 6);
    record.value = buffer;
    record.valueStart = at;
    if (isBig) {
      const first = Number(buffer.readBigUInt64LE(at));
      const pages = Number(buffer.readBigUInt64LE(at + 16));
      const { pageBytes, lastPage } = this.#file.meta;
      this.#options.onPage?.(first, Math.min(pages, lastPage));
      this.#checked(first, pageFlags.overflow, transactionOf(page));
      if (pages > lastPage || pages * pageBytes < pageHeaderBytes + length)
        throw new PageDamage(first, 'its data is longer than its pages');
      const bytes = this.#file.bytes(first, pageHeaderBytes + length);
      // So that it stays among those read last: its other records are still to come.
      this.#file.page(number);
      record.value = bytes.buffer;
      record.valueStart = bytes.start + pageHeaderBytes;
    }
    record.valueEnd = record.valueStart + length;
  }

  #count({ buffer, start }: FileBytes): number {
    return buffer.readUInt16LE(start + flagsAt + 2) / 2;
  }

  /** Where a node lies whose data has `dataBytes`, or what it says itself for null. */
  #node(number: number, { buffer, start }: FileBytes, i: number, dataBytes: number | null): number {
    const pageEnd = start + this.#file.meta.pageBytes;
    const node = start + pageHeaderBytes + buffer.readUInt16LE(start + pageHeaderBytes + 2 * i);
    if (node + nodeHeaderBytes <= pageEnd) {
      const bytes = nodeHeaderBytes + buffer.readUInt16LE(node + 6) + (dataBytes ?? buffer.readUInt32LE(node));
      if (node + bytes <= pageEnd) return node;
    }
    throw new PageDamage(number, 'a record of it lies outside');
  }
}

function transactionOf({ buffer, start }: FileBytes): number {
  return Number(buffer.readBigUInt64LE(start + 8));
}

function keyOf({ buffer }: FileBytes, node: number): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset + node + nodeHeaderBytes, buffer.readUInt16LE(node + 6));
}
