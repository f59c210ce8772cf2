import { PageDamage } from './page-damage.ts';

/*
 * A page begins with its number (8), the transaction that wrote it (8), a pad (2), flags (2), and two bounds of its free space (2, 2).
 *
 * The first two pages are meta pages: magic (4), version (4), an address (8), the size of the map (8), the tree of free pages (48), the
 * tree of records (48), the last page that is in use (8), the transaction (8). Transaction n writes page n mod 2, so that the two are
 * always of consecutive transactions. See `MDB_meta` in lmdb-js's mdb.c. Little endian.
 */

export const pageHeaderBytes = 24;
export const flagsAt = 18;

/** How many bytes of a meta page say anything. */
export const metaBytes = pageHeaderBytes + 136;

export const pageFlags = { branch: 0x01, leaf: 0x02, overflow: 0x04, meta: 0x08 } as const;

const magic = 0xbeefc0de;
const version = 2;
const noPage = 0xffff_ffff_ffff_ffffn;
const treeBytes = 48;

/** Where a tree of pages begins. */
export interface TreeRoot {
  /** Null for an empty tree. */
  readonly root: number | null;
  /** How many levels it has. */
  readonly depth: number;
  readonly records: number;
}

/** What one transaction left of a file. */
export interface Meta {
  readonly transaction: number;
  readonly pageBytes: number;
  readonly lastPage: number;
  readonly freePages: TreeRoot;
  readonly records: TreeRoot;
}

/** Reads the meta page with this number. Throws {@link PageDamage}. */
export function decodeMeta(page: Buffer, number: 0 | 1): Meta {
  const at = pageHeaderBytes;
  if (page.length < metaBytes) throw new PageDamage(number, 'the file ends before it');
  if (page.readUInt32LE(at) !== magic || page.readUInt16LE(flagsAt) !== pageFlags.meta) {
    throw new PageDamage(number, 'it is no meta page of LMDB');
  }
  if (page.readUInt16LE(at + 4) !== version) {
    throw new PageDamage(number, `it has version ${page.readUInt16LE(at + 4)} of LMDB's format, ${version} is known`);
  }
  const pageBytes = page.readUInt32LE(at + 24);
  if (pageBytes < 512 || pageBytes > 65_536 || (pageBytes & (pageBytes - 1)) !== 0) {
    throw new PageDamage(number, `it names pages of ${pageBytes} bytes`);
  }
  return {
    pageBytes,
    freePages: decodeTree(page, at + 24, number),
    records: decodeTree(page, at + 24 + treeBytes, number),
    lastPage: safe(page.readBigUInt64LE(at + 24 + 2 * treeBytes), number),
    transaction: safe(page.readBigUInt64LE(at + 32 + 2 * treeBytes), number),
  };
}

/** The meta page that counts. Throws {@link PageDamage} where the two do not belong together: one of them may hide the other. */
export function newerMeta(first: Meta, second: Meta): Meta {
  const [even, odd] = [first.transaction, second.transaction];
  const consecutive = Math.abs(even - odd) === 1 && even % 2 === 0;
  if (!consecutive && (even !== 0 || odd !== 0)) {
    throw new PageDamage(null, `the meta pages are of the transactions ${even} and ${odd}, which do not follow each other`);
  }
  if (first.pageBytes !== second.pageBytes) throw new PageDamage(null, 'the meta pages disagree about the size of a page');
  return even > odd ? first : second;
}

function decodeTree(page: Buffer, at: number, number: number): TreeRoot {
  const root = page.readBigUInt64LE(at + treeBytes - 8);
  const records = safe(page.readBigUInt64LE(at + treeBytes - 16), number);
  return { root: root === noPage ? null : safe(root, number), depth: page.readUInt16LE(at + 6), records };
}

function safe(value: bigint, number: number): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new PageDamage(number, `it holds the impossible number ${value}`);
  return Number(value);
}
