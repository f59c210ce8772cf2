import { pageFlags, pageHeaderBytes, type TreeRoot } from './meta-page.ts';
import { PageDamage } from './page-damage.ts';
import type { FileBytes, PageFile } from './page-file.ts';
import {
  assertPage,
  bigDataFlag,
  type CompareKeys,
  compareBytes,
  depthMax,
  nodeAt,
  nodeCount,
  nodeHeaderBytes,
  overflowAt,
  transactionOf,
  uint16At,
  uint32At,
} from './tree-page.ts';

/** Those of a page of 64 KiB are shorter. */
const keyBytesMax = 2 ** 16;
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

  #checked(number: number, flags: number, transactionMax: number): FileBytes {
    const page = this.#file.page(number);
    assertPage(page, number, flags, transactionMax, this.#file.meta.pageBytes);
    return page;
  }

  /** The pages below that may have any of what is wanted. */
  #children(number: number, page: FileBytes): { readonly child: number; readonly separator: Buffer | null }[] {
    const { start: from, end } = this.#options;
    const count = nodeCount(page);
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
    const count = nodeCount(page);
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
      const { first, pages } = overflowAt(buffer, at, length, this.#file.meta);
      this.#options.onPage?.(first, pages);
      this.#checked(first, pageFlags.overflow, transactionOf(page));
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

  #node(number: number, page: FileBytes, i: number, dataBytes: 0 | null): number {
    return nodeAt(page, number, i, dataBytes, this.#file.meta.pageBytes);
  }
}

function compareNumbers(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  const [first, second] = [numberAt(a, aStart, aEnd), numberAt(b, bStart, bEnd)];
  return first < second ? -1 : Number(first > second);
}

function numberAt(bytes: Uint8Array, start: number, end: number): bigint {
  if (end - start !== 8) throw new PageDamage(null, 'a list of free pages has an impossible name');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readBigUInt64LE(start);
}
