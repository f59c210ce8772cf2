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
/** Those of a page of 64 KiB are shorter. */
const keyBytesMax = 2 ** 16;
/** What a node has in the place of large data: where that is. */
const placeBytes = 24;
const noBytes = Buffer.alloc(0);
/** A record of a tree. One object serves for all records of a walk: what it says holds until the walk goes on. */
export interface PageRecord {
  page: Buffer;
  keyStart: number;
  keyEnd: number;
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
  /** Whether keys are numbers of the machine's, as those of the free pages are; strings of bytes where absent. */
  readonly numberedKeys?: true;
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
  readonly #compare: CompareKeys;
  readonly #record: PageRecord = { page: noBytes, keyStart: 0, keyEnd: 0, value: noBytes, valueStart: 0, valueEnd: 0 };
  /** Whether there was a leaf before, and its last key. */
  #hasLast = false;
  readonly #last = Buffer.alloc(keyBytesMax);
  #lastLength = 0;
  /** The key between the last page and the next one, where there is one. */
  #floor: Buffer | null = null;
  #ended = false;

  constructor(file: PageFile, visit: (record: PageRecord) => boolean, options: WalkOptions) {
    this.#file = file;
    this.#visit = visit;
    this.#options = options;
    this.#compare = options.numberedKeys ? compareNumbers : compareBytes;
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
    for (const { child, separator } of this.#children(number, page)) {
      if (separator) this.#pass(number, separator);
      yield* this.#descend(child, levels - 1, transaction);
      if (this.#ended) return;
    }
  }

  /** LMDB finds a record by the keys between the pages: all before such a key are smaller than it, and none behind it is. */
  #pass(number: number, separator: Buffer): void {
    if (this.#hasLast && this.#compare(this.#last, 0, this.#lastLength, separator, 0, separator.length) >= 0) {
      throw new PageDamage(number, 'its keys do not fit the pages below');
    }
    this.#floor = separator;
  }

  /** A page above others is as new as the newest of them, because LMDB writes all of the way up anew. */
  #checked(number: number, flags: number, transactionMax: number): FileBytes {
    const page = this.#file.page(number);
    const { buffer, start } = page;
    if (uint32At(buffer, start) + uint32At(buffer, start + 4) * 2 ** 32 !== number)
      throw new PageDamage(number, 'it has the number of another');
    if (uint16At(buffer, start + flagsAt) !== flags) throw new PageDamage(number, 'it is of another kind');
    if (transactionOf(page) > transactionMax) throw new PageDamage(number, 'it is newer than what refers to it');
    if (flags === pageFlags.overflow) return page;
    const [lower, upper] = [uint16At(buffer, start + flagsAt + 2), uint16At(buffer, start + flagsAt + 4)];
    if (lower % 2 !== 0 || lower > upper || upper > this.#file.meta.pageBytes - pageHeaderBytes) {
      throw new PageDamage(number, 'its bounds are impossible');
    }
    return page;
  }

  /** The pages below that may have any of what is wanted. */
  #children(number: number, page: FileBytes): { readonly child: number; readonly separator: Buffer | null }[] {
    const { start: from, end } = this.#options;
    const count = this.#count(page);
    if (count < 1) throw new PageDamage(number, 'it refers to nothing');
    const children: { child: number; separator: Buffer | null }[] = [];
    for (let i = 0; i < count; i++) {
      const node = this.#node(number, page, i, 0);
      // The first key of a branch is empty: it stands for everything before the second.
      if (i > 0 && end && this.#compareNode(page.buffer, node, end) >= 0) break;
      if (i + 1 < count && from && this.#compareNode(page.buffer, this.#node(number, page, i + 1, 0), from) <= 0) continue;
      const keyStart = node + nodeHeaderBytes;
      children.push({
        child: uint32At(page.buffer, node) + uint16At(page.buffer, node + 4) * 2 ** 32,
        // A copy, for the page may make room for others.
        separator: i > 0 ? Buffer.from(page.buffer.subarray(keyStart, keyStart + uint16At(page.buffer, node + 6))) : null,
      });
    }
    return children;
  }

  #leaf(number: number, page: FileBytes): void {
    const { start: from, end } = this.#options;
    const { buffer } = page;
    const count = this.#count(page);
    const record = this.#record;
    record.page = buffer;
    let before: Buffer | null = this.#hasLast ? this.#last : null;
    let beforeStart = 0;
    let beforeEnd = this.#lastLength;
    // Most leaves lie within what is wanted as a whole.
    const isLast = count > 0 && end !== undefined && this.#compareNode(buffer, this.#node(number, page, count - 1, 0), end) >= 0;
    for (let i = 0; i < count; i++) {
      const node = this.#node(number, page, i, null);
      const flags = uint16At(buffer, node + 4);
      const keyStart = node + nodeHeaderBytes;
      const keyEnd = keyStart + uint16At(buffer, node + 6);
      if (flags > bigDataFlag) throw new PageDamage(number, 'a record of it is of another kind');
      if (before && this.#compare(before, beforeStart, beforeEnd, buffer, keyStart, keyEnd) >= 0) {
        throw new PageDamage(number, 'its keys are out of order');
      }
      const floor = this.#floor;
      if (floor && this.#compare(floor, 0, floor.length, buffer, keyStart, keyEnd) > 0) {
        throw new PageDamage(number, 'its keys lie before it');
      }
      this.#floor = null;
      const isFirst = from && before === null && this.#compare(buffer, keyStart, keyEnd, from, 0, from.length) < 0;
      if (isFirst) continue;
      before = buffer;
      beforeStart = keyStart;
      beforeEnd = keyEnd;
      if (isLast && this.#compare(buffer, keyStart, keyEnd, end, 0, end.length) >= 0) {
        this.#ended = true;
        return;
      }
      record.keyStart = keyStart;
      record.keyEnd = keyEnd;
      this.#place(number, page, node, keyEnd, flags === bigDataFlag);
      if (!this.#visit(record)) {
        this.#ended = true;
        return;
      }
    }
    if (before !== buffer) return;
    // A copy, for the page may make room for others.
    buffer.copy(this.#last, 0, beforeStart, beforeEnd);
    this.#lastLength = beforeEnd - beforeStart;
    this.#hasLast = true;
  }

  /** Finds the value of a leaf's node. */
  #place(number: number, page: FileBytes, node: number, at: number, isBig: boolean): void {
    const { buffer } = page;
    const record = this.#record;
    const length = uint32At(buffer, node);
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

  #compareNode(buffer: Buffer, node: number, key: Uint8Array): number {
    const keyStart = node + nodeHeaderBytes;
    return this.#compare(buffer, keyStart, keyStart + uint16At(buffer, node + 6), key, 0, key.length);
  }

  #count({ buffer, start }: FileBytes): number {
    return uint16At(buffer, start + flagsAt + 2) / 2;
  }

  /** Where a node lies whose data has `dataBytes`, or what it says itself for null. */
  #node(number: number, { buffer, start }: FileBytes, i: number, dataBytes: 0 | null): number {
    const pageEnd = start + this.#file.meta.pageBytes;
    const node = start + pageHeaderBytes + uint16At(buffer, start + pageHeaderBytes + 2 * i);
    if (node + nodeHeaderBytes <= pageEnd) {
      const isBig = dataBytes === null && (uint16At(buffer, node + 4) & bigDataFlag) !== 0;
      const bytes = nodeHeaderBytes + uint16At(buffer, node + 6) + (isBig ? placeBytes : (dataBytes ?? uint32At(buffer, node)));
      if (node + bytes <= pageEnd) return node;
    }
    throw new PageDamage(number, 'a record of it lies outside');
  }
}

/** Without the checks of Buffer's own: whoever calls has made sure that the bytes are there. */
function uint16At(bytes: Buffer, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

function uint32At(bytes: Buffer, at: number): number {
  return uint16At(bytes, at) + uint16At(bytes, at + 2) * 2 ** 16;
}

function transactionOf({ buffer, start }: FileBytes): number {
  return uint32At(buffer, start + 8) + uint32At(buffer, start + 12) * 2 ** 32;
}

type CompareKeys = (a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number) => number;

/** A loop, because keys are short, and a view of each would cost more than the comparison. */
function compareBytes(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < length; i++) {
    const difference = (a[aStart + i] as number) - (b[bStart + i] as number);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}

function compareNumbers(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  const [first, second] = [numberAt(a, aStart, aEnd), numberAt(b, bStart, bEnd)];
  return first < second ? -1 : Number(first > second);
}

function numberAt(bytes: Uint8Array, start: number, end: number): bigint {
  if (end - start !== 8) throw new PageDamage(null, 'a list of free pages has an impossible name');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readBigUInt64LE(start);
}
