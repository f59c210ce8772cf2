import { checkTree } from './check-tree.ts';
import { PageDamage } from './page-damage.ts';
import type { PageFile } from './page-file.ts';
import { type PageRecord, walkTree } from './walk-tree.ts';

/**
 * Checks all pages of a file that LMDB would use, and that none of them is listed as free, so that LMDB would write over it. Stops
 * from time to time. Throws {@link PageDamage}.
 */
export function* checkPages(file: PageFile): Generator<void, void, void> {
  const { meta } = file;
  const taken = new PageSet(meta.lastPage);
  const onPage = (page: number, count: number) => taken.add(page, count);
  yield* checkTree(file, meta.records, onPage);
  const addFree = (record: PageRecord) => {
    for (const [page, count] of freeRuns(record)) taken.add(page, count);
    return true;
  };
  yield* walkTree(file, meta.freePages, addFree, { onPage, numberedKeys: true });
}

/** Which pages are in use, or listed as free. */
class PageSet {
  readonly #bits: Uint8Array;
  readonly #lastPage: number;

  constructor(lastPage: number) {
    this.#bits = new Uint8Array((lastPage >> 3) + 1);
    this.#lastPage = lastPage;
  }

  add(first: number, count: number): void {
    if (first < 2 || first + count - 1 > this.#lastPage) throw new PageDamage(first, `it is beyond the last page, ${this.#lastPage}`);
    for (let page = first; page < first + count; page++) {
      const bit = 1 << (page & 7);
      const byte = this.#bits[page >> 3] ?? 0;
      if (byte & bit) throw new PageDamage(page, 'it is in use twice, or in use and listed as free');
      this.#bits[page >> 3] = byte | bit;
    }
  }
}

/** A list of free pages: how many words follow, then page numbers; a negative word says how many pages the next one stands for. */
function freeRuns({ value, valueStart, valueEnd }: PageRecord): [number, number][] {
  const runs: [number, number][] = [];
  const words = valueEnd - valueStart >= 8 ? value.readBigUInt64LE(valueStart) : -1n;
  if (words < 0n || words > BigInt((valueEnd - valueStart) / 8 - 1)) throw new PageDamage(null, 'a list of free pages is damaged');
  let count = 1;
  for (let i = 1; i <= Number(words); i++) {
    const word = Number(value.readBigInt64LE(valueStart + 8 * i));
    if (word < 0) count = -word;
    else if (word > 0) {
      runs.push([word, count]);
      count = 1;
    }
  }
  return runs;
}
