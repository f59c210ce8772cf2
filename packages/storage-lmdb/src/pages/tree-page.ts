import { flagsAt, pageFlags, pageHeaderBytes } from './meta-page.ts';
import { PageDamage } from './page-damage.ts';
import type { FileBytes } from './page-file.ts';

/*
 * A branch or leaf page has, behind its header, the places of its nodes (2 each, counted from behind the header). A node: size of its
 * data (4; in a branch the number of the page below, with the flags as its upper part), flags (2), size of its key (2), key, data.
 * Data that is too large lies in overflow pages of its own: then there is the first page's number (8), its transaction (8), how many
 * pages (8).
 */

export const nodeHeaderBytes = 8;
export const bigDataFlag = 0x01;
export const depthMax = 32;

/** What a node has in the place of large data: where that is. */
const placeBytes = 24;

/** Throws {@link PageDamage}. A page above others is as new as the newest of them, because LMDB writes all of the way up anew. */
export function assertPage(page: FileBytes, number: number, flags: number, transactionMax: number, pageBytes: number): void {
  const { buffer, start } = page;
  if (uint32At(buffer, start) + uint32At(buffer, start + 4) * 2 ** 32 !== number)
    throw new PageDamage(number, 'it has the number of another');
  if (uint16At(buffer, start + flagsAt) !== flags) throw new PageDamage(number, 'it is of another kind');
  if (transactionOf(page) > transactionMax) throw new PageDamage(number, 'it is newer than what refers to it');
  if (flags === pageFlags.overflow) return;
  const [lower, upper] = [uint16At(buffer, start + flagsAt + 2), uint16At(buffer, start + flagsAt + 4)];
  if (lower % 2 !== 0 || lower > upper || upper > pageBytes - pageHeaderBytes) throw new PageDamage(number, 'its bounds are impossible');
}

/** How many nodes a branch or leaf page has. */
export function nodeCount({ buffer, start }: FileBytes): number {
  return uint16At(buffer, start + flagsAt + 2) / 2;
}

/** Where a node lies whose data has `dataBytes`, or what it says itself for null. Throws {@link PageDamage}. */
export function nodeAt({ buffer, start }: FileBytes, number: number, i: number, dataBytes: 0 | null, pageBytes: number): number {
  const pageEnd = start + pageBytes;
  const node = start + pageHeaderBytes + uint16At(buffer, start + pageHeaderBytes + 2 * i);
  if (node + nodeHeaderBytes <= pageEnd) {
    const isBig = dataBytes === null && (uint16At(buffer, node + 4) & bigDataFlag) !== 0;
    const bytes = nodeHeaderBytes + uint16At(buffer, node + 6) + (isBig ? placeBytes : (dataBytes ?? uint32At(buffer, node)));
    if (node + bytes <= pageEnd) return node;
  }
  throw new PageDamage(number, 'a record of it lies outside');
}

/** Where the large data of a record is: `place` is what its node has in the place of `length` bytes. Throws {@link PageDamage}. */
export function overflowAt(
  buffer: Buffer,
  place: number,
  length: number,
  file: { readonly pageBytes: number; readonly lastPage: number },
): { readonly first: number; readonly pages: number } {
  const first = Number(buffer.readBigUInt64LE(place));
  const pages = Number(buffer.readBigUInt64LE(place + 16));
  if (pages > file.lastPage || pages * file.pageBytes < pageHeaderBytes + length) {
    throw new PageDamage(first, 'its data is longer than its pages');
  }
  return { first, pages };
}

/** Without the checks of Buffer's own: whoever calls has made sure that the bytes are there. */
export function uint16At(bytes: Buffer, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

export function uint32At(bytes: Buffer, at: number): number {
  return uint16At(bytes, at) + uint16At(bytes, at + 2) * 2 ** 16;
}

export function transactionOf({ buffer, start }: FileBytes): number {
  return uint32At(buffer, start + 8) + uint32At(buffer, start + 12) * 2 ** 32;
}

export type CompareKeys = (a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number) => number;

/** A loop, because keys are short, and a view of each would cost more than the comparison. */
export function compareBytes(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < length; i++) {
    const difference = (a[aStart + i] as number) - (b[bStart + i] as number);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}
