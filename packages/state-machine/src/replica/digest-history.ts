/** How many entries back a member knows its digests. */
export const digestsKept = 65_536;

/** No digest: a member does not know any more, or not yet, what it was. */
export const unknownDigest = 0;

/** The digests of the last entries: kept in memory only, so that a member begins anew when it starts. */
export class DigestHistory {
  readonly #max: number;
  #indexes: number[] = [];
  #digests: number[] = [];
  /** Where the oldest is, once as many are kept as may be. */
  #oldest = 0;

  constructor(max = digestsKept) {
    this.#max = max;
  }

  /** `index` is higher than all before. */
  push(index: number, digest: number): void {
    if (this.#indexes.length < this.#max) {
      this.#indexes.push(index);
      this.#digests.push(digest);
      return;
    }
    this.#indexes[this.#oldest] = index;
    this.#digests[this.#oldest] = digest;
    this.#oldest = (this.#oldest + 1) % this.#max;
  }

  /** The digest after entry `index`, which is that of the last one before it where it changed nothing; {@link unknownDigest} if not kept. */
  at(index: number): number {
    let low = 0;
    let high = this.#indexes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#indexes[this.#slot(middle)] as number) <= index) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? unknownDigest : (this.#digests[this.#slot(low - 1)] as number);
  }

  #slot(age: number): number {
    return (this.#oldest + age) % this.#indexes.length;
  }
}
