import { pageFlags, pageHeaderBytes, type TreeRoot } from './meta-page.ts';
import { PageDamage } from './page-damage.ts';
import type { FileBytes, PageFile } from './page-file.ts';
import {
  assertPage,
  bigDataFlag,
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

/** How many pages are gathered before they are read in the order of the file: those of 1 GiB, for some 20 MiB of memory. */
const gatheredMax = 2 ** 18;

/** What is read at once. */
const blockBytes = 2 ** 20;

/** So many pages that nobody asked for are read along, rather than asking the system twice. */
const gapPagesMax = 3;

/** How many pages are checked before others may run. */
const slicePages = 256;

/** A key that lies in a page. */
interface Key {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A branch page, and between which keys all of its records lie. */
interface Branch extends FileBytes {
  readonly floor: Key | null;
  readonly ceiling: Key | null;
}

/** Told every page that is in use, and how many follow it that belong to the same data. */
type OnPage = (page: number, count: number) => void;

/**
 * Checks the structure of a tree, as `walkTree` does, without its values: the pages that refer to others in the order of the keys, and
 * those with the records in the order of the file, for a tree that was filled in any order would have the disk jump from page to page.
 * Stops from time to time. Throws {@link PageDamage}.
 */
export function checkTree(file: PageFile, tree: TreeRoot, onPage: OnPage): Generator<void, void, void> {
  return new TreeCheck(file, onPage).run(tree);
}

class TreeCheck {
  readonly #file: PageFile;
  readonly #pageBytes: number;
  readonly #onPage: OnPage;
  /** The branches whose pages below are gathered, and of each such page its number and where that is written. */
  #branches: Branch[] = [];
  readonly #leaves = new GatheredPages();
  readonly #overflows = new GatheredPages();
  #checked = 0;

  constructor(file: PageFile, onPage: OnPage) {
    this.#file = file;
    this.#pageBytes = file.meta.pageBytes;
    this.#onPage = onPage;
  }

  *run({ root, depth }: TreeRoot): Generator<void, void, void> {
    if (root === null) return;
    if (depth < 1 || depth > depthMax) throw new PageDamage(root, `its tree has ${depth} levels`);
    const { transaction } = this.#file.meta;
    if (depth === 1) {
      this.#onPage(root, 1);
      this.#leaf(root, this.#file.page(root), transaction, null, null);
    } else {
      yield* this.#descend(root, depth, transaction, null, null);
    }
    yield* this.#checkLeaves();
    yield* this.#checkOverflows();
  }

  *#descend(number: number, levels: number, transactionMax: number, floor: Key | null, ceiling: Key | null): Generator<void, void, void> {
    this.#onPage(number, 1);
    const page = this.#file.page(number);
    assertPage(page, number, pageFlags.branch, transactionMax, this.#pageBytes);
    // A copy, for the page may make room for others.
    const branch: Branch = {
      buffer: Buffer.from(page.buffer.subarray(page.start, page.start + this.#pageBytes)),
      start: 0,
      floor,
      ceiling,
    };
    this.#assertOrdered(number, branch);
    const count = nodeCount(branch);
    if (levels === 2) {
      for (let i = 0; i < count; i++) this.#gather(branch, i);
      this.#branches.push(branch);
      if (this.#leaves.count >= gatheredMax) yield* this.#checkLeaves();
      return;
    }
    const transaction = transactionOf(branch);
    for (let i = 0; i < count; i++) {
      yield* this.#descend(this.#child(branch, i), levels - 1, transaction, this.#floorOf(branch, i), this.#ceilingOf(branch, i));
    }
  }

  /** LMDB finds a record by the keys between the pages: all before such a key are smaller than it, and none behind it is. */
  #assertOrdered(number: number, branch: Branch): void {
    const count = nodeCount(branch);
    if (count < 1) throw new PageDamage(number, 'it refers to nothing');
    for (let i = 0; i < count; i++) {
      nodeAt(branch, number, i, 0, this.#pageBytes);
      const [low, high] = [this.#floorOf(branch, i), this.#ceilingOf(branch, i)];
      if (low && high && compareKeys(low, high) >= 0) throw new PageDamage(number, 'its keys are out of order');
    }
  }

  #gather(branch: Branch, i: number): void {
    const leaf = this.#child(branch, i);
    this.#onPage(leaf, 1);
    this.#leaves.add(leaf, this.#branches.length, i);
  }

  #child({ buffer }: Branch, i: number): number {
    const node = pageHeaderBytes + uint16At(buffer, pageHeaderBytes + 2 * i);
    return uint32At(buffer, node) + uint16At(buffer, node + 4) * 2 ** 32;
  }

  /** The first key of a branch is empty: it stands for everything before the second. */
  #floorOf(branch: Branch, i: number): Key | null {
    return i === 0 ? branch.floor : keyOf(branch, i);
  }

  #ceilingOf(branch: Branch, i: number): Key | null {
    return i + 1 === nodeCount(branch) ? branch.ceiling : keyOf(branch, i + 1);
  }

  *#checkLeaves(): Generator<void, void, void> {
    const branches = this.#branches;
    yield* this.#inFileOrder(this.#leaves, (number, page, owner, i) => {
      const branch = branches[owner] as Branch;
      this.#leaf(number, page, transactionOf(branch), this.#floorOf(branch, i), this.#ceilingOf(branch, i));
    });
    this.#branches = [];
  }

  #leaf(number: number, page: FileBytes, transactionMax: number, floor: Key | null, ceiling: Key | null): void {
    const pageBytes = this.#pageBytes;
    assertPage(page, number, pageFlags.leaf, transactionMax, pageBytes);
    const { buffer } = page;
    const count = nodeCount(page);
    let before = floor?.buffer;
    let beforeStart = floor?.start ?? 0;
    let beforeEnd = floor?.end ?? 0;
    // The first key may be that which stands for the page.
    let leastDifference = 0;
    for (let i = 0; i < count; i++) {
      const node = nodeAt(page, number, i, null, pageBytes);
      const flags = uint16At(buffer, node + 4);
      if (flags > bigDataFlag) throw new PageDamage(number, 'a record of it is of another kind');
      const keyStart = node + nodeHeaderBytes;
      const keyEnd = keyStart + uint16At(buffer, node + 6);
      if (before && compareBytes(buffer, keyStart, keyEnd, before, beforeStart, beforeEnd) < leastDifference)
        throw new PageDamage(number, 'its keys are out of order');
      before = buffer;
      beforeStart = keyStart;
      beforeEnd = keyEnd;
      leastDifference = 1;
      if (flags === bigDataFlag) this.#overflow(page, keyEnd, uint32At(buffer, node));
    }
    if (count > 0 && ceiling && compareBytes(buffer, beforeStart, beforeEnd, ceiling.buffer, ceiling.start, ceiling.end) >= 0)
      throw new PageDamage(number, 'its keys do not fit the pages beside it');
  }

  #overflow(page: FileBytes, place: number, length: number): void {
    const { meta, sizeBytes } = this.#file;
    const { first, pages } = overflowAt(page.buffer, place, length, meta);
    this.#onPage(first, pages);
    if (first * this.#pageBytes + pageHeaderBytes + length > sizeBytes) throw new PageDamage(first, 'the file ends before its data does');
    this.#overflows.add(first, transactionOf(page), 0);
  }

  *#checkOverflows(): Generator<void, void, void> {
    yield* this.#inFileOrder(this.#overflows, (number, page, transactionMax) => {
      assertPage(page, number, pageFlags.overflow, transactionMax, this.#pageBytes);
    });
  }

  /** Reads the gathered pages, each once, many of them at a time where they lie side by side, and forgets them. */
  *#inFileOrder(
    gathered: GatheredPages,
    check: (number: number, page: FileBytes, owner: number, node: number) => void,
  ): Generator<void, void, void> {
    const order = gathered.sorted();
    const blockPages = Math.floor(blockBytes / this.#pageBytes);
    const { numbers, owners, nodes } = gathered;
    const numberAt = (i: number) => numbers[order[i] as number] as number;
    for (let i = 0; i < order.length; ) {
      const first = numberAt(i);
      let end = i + 1;
      while (end < order.length && numberAt(end) - numberAt(end - 1) <= gapPagesMax + 1 && numberAt(end) - first < blockPages) end++;
      const { buffer, start } = this.#file.pages(first, numberAt(end - 1) - first + 1);
      for (; i < end; i++) {
        const at = order[i] as number;
        const number = numbers[at] as number;
        check(number, { buffer, start: start + (number - first) * this.#pageBytes }, owners[at] as number, nodes[at] as number);
        if (++this.#checked % slicePages === 0) yield;
      }
      // Between two blocks, for they are read into the same memory.
      if (gathered !== this.#overflows && this.#overflows.count >= gatheredMax) yield* this.#checkOverflows();
    }
    gathered.clear();
  }
}

/** Pages that are still to be checked: plain numbers, for there are many. */
class GatheredPages {
  numbers: number[] = [];
  /** The branch above, or the transaction of what refers to it. */
  owners: number[] = [];
  /** Which node of the branch it is. */
  nodes: number[] = [];

  get count(): number {
    return this.numbers.length;
  }

  add(number: number, owner: number, node: number): void {
    this.numbers.push(number);
    this.owners.push(owner);
    this.nodes.push(node);
  }

  /** The positions of the pages, in the order of their numbers. */
  sorted(): Uint32Array {
    const { numbers, count } = this;
    // Position and number in one, because sorting plain numbers needs no function to compare them.
    const keys = Float64Array.from(numbers, (number, i) => number * count + i).sort();
    return Uint32Array.from(keys, (key) => key % count);
  }

  clear(): void {
    this.numbers = [];
    this.owners = [];
    this.nodes = [];
  }
}

function keyOf({ buffer }: Branch, i: number): Key {
  const start = pageHeaderBytes + uint16At(buffer, pageHeaderBytes + 2 * i) + nodeHeaderBytes;
  return { buffer, start, end: start + uint16At(buffer, start - 2) };
}

function compareKeys(a: Key, b: Key): number {
  return compareBytes(a.buffer, a.start, a.end, b.buffer, b.start, b.end);
}
