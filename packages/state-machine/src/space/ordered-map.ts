/** A chunk that grows beyond this is split in two. */
const chunkLengthMax = 512;

/** A part of an {@link OrderedMap}: keys from `start` (included) to `end` (excluded); all of it where absent. */
export interface OrderedRange {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  /** Descending from the end of the range. */
  readonly reverse?: boolean | undefined;
}

/**
 * A map that can also be read in the order of its keys, which is that of JavaScript strings.
 *
 * Points are found by a `Map`. The order is a list of sorted lists: one sorted array would move half of its elements for each new
 * key. New keys are sorted in when somebody asks for the order, so that whoever only puts and gets does not pay for it.
 */
export class OrderedMap<Value> {
  readonly #values = new Map<string, Value>();
  #chunks: string[][] = [];
  readonly #unsorted = new Set<string>();
  #changes = 0;

  /** Counts what was written: whoever reads on and finds another number looks for his place again. */
  get changes(): number {
    return this.#changes;
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  set(key: string, value: Value): void {
    if (!this.#values.has(key)) this.#unsorted.add(key);
    this.#values.set(key, value);
    this.#changes++;
  }

  /** Whether it was there. */
  delete(key: string): boolean {
    if (!this.#values.delete(key)) return false;
    this.#changes++;
    if (!this.#unsorted.delete(key)) this.#unsort(key);
    return true;
  }

  clear(): void {
    this.#values.clear();
    this.#unsorted.clear();
    this.#chunks = [];
    this.#changes++;
  }

  /** All of it, in no order that means anything. */
  entries(): IterableIterator<[string, Value]> {
    return this.#values.entries();
  }

  /** In order, read as it is iterated over: what is written meanwhile is seen where it lies ahead. */
  *range({ start = '', end, reverse = false }: OrderedRange = {}): Generator<readonly [string, Value], void, void> {
    let from = start;
    let to = end;
    for (let isDone = false; !isDone; ) {
      isDone = true;
      this.#sort();
      const changes = this.#changes;
      for (const key of reverse ? this.#keysDown(from, to) : this.#keysUp(from, to)) {
        yield [key, this.#values.get(key) as Value];
        if (changes === this.#changes) continue;
        // The least key behind this one; downwards, the end is left out anyway.
        if (reverse) to = key;
        else from = `${key}\0`;
        isDone = false;
        break;
      }
    }
  }

  *#keysUp(start: string, end: string | undefined): Generator<string, void, void> {
    for (let at = this.#chunkFor(start); at < this.#chunks.length; at++) {
      const chunk = this.#chunks[at] as string[];
      for (let position = lowerBound(chunk, start); position < chunk.length; position++) {
        const key = chunk[position] as string;
        if (end !== undefined && key >= end) return;
        yield key;
      }
    }
  }

  *#keysDown(start: string, end: string | undefined): Generator<string, void, void> {
    for (let at = end === undefined ? this.#chunks.length - 1 : this.#chunkFor(end); at >= 0; at--) {
      const chunk = this.#chunks[at];
      if (chunk === undefined) return;
      for (let position = (end === undefined ? chunk.length : lowerBound(chunk, end)) - 1; position >= 0; position--) {
        const key = chunk[position] as string;
        if (key < start) return;
        yield key;
      }
    }
  }

  #sort(): void {
    if (this.#unsorted.size === 0) return;
    const keys = [...this.#unsorted].sort();
    this.#unsorted.clear();
    if (this.#chunks.length === 0) {
      for (let at = 0; at < keys.length; at += chunkLengthMax) this.#chunks.push(keys.slice(at, at + chunkLengthMax));
    } else for (const key of keys) this.#insert(key);
  }

  #insert(key: string): void {
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at] as string[];
    chunk.splice(lowerBound(chunk, key), 0, key);
    if (chunk.length > chunkLengthMax) this.#chunks.splice(at + 1, 0, chunk.splice(chunk.length >> 1));
  }

  #unsort(key: string): void {
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at] as string[];
    chunk.splice(lowerBound(chunk, key), 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
  }

  /** The last chunk that begins at or before `key`, or the first. */
  #chunkFor(key: string): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle]?.[0] ?? '') <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(low - 1, 0);
  }
}

/** The position of the first key that is not before `key`. */
function lowerBound(chunk: readonly string[], key: string): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((chunk[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
