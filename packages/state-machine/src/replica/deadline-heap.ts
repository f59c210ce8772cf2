/** Something that is due at a time of the log. */
export interface Deadline<Id extends number | string> {
  readonly id: Id;
  /** Log time in milliseconds. */
  readonly at: number;
}

/**
 * What is due next, by time and then by id: a binary heap. Nothing is taken out of its middle: whoever takes something back leaves it
 * here, and tells by `isCurrent` what still counts.
 */
export class DeadlineHeap<Id extends number | string, Item extends Deadline<Id>> {
  readonly #isCurrent: (item: Item) => boolean;
  #items: Item[] = [];

  constructor(isCurrent: (item: Item) => boolean) {
    this.#isCurrent = isCurrent;
  }

  /** `currentCount` is how many there are that count: where the others are more, they are dropped, so that they take bounded memory. */
  add(item: Item, currentCount: number): void {
    if (this.#items.length > 2 * currentCount + 64) this.#rebuild();
    this.#items.push(item);
    this.#rise(this.#items.length - 1);
  }

  /** The first one that counts, or undefined. */
  first(): Item | undefined {
    for (;;) {
      const first = this.#items[0];
      if (first === undefined || this.#isCurrent(first)) return first;
      this.takeFirst();
    }
  }

  takeFirst(): void {
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return;
    this.#items[0] = last;
    this.#sink(0);
  }

  #rebuild(): void {
    this.#items = this.#items.filter(this.#isCurrent);
    for (let at = (this.#items.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  #rise(start: number): void {
    const items = this.#items;
    for (let at = start; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(items, at, parent)) return;
      at = parent;
    }
  }

  #sink(start: number): void {
    const items = this.#items;
    for (let at = start; ; ) {
      const left = 2 * at + 1;
      if (left >= items.length) return;
      const right = left + 1;
      const child = right < items.length && isBefore(items[right] as Item, items[left] as Item) ? right : left;
      if (!this.#swapIfBefore(items, child, at)) return;
      at = child;
    }
  }

  #swapIfBefore(items: Item[], lower: number, upper: number): boolean {
    const [low, high] = [items[lower] as Item, items[upper] as Item];
    if (!isBefore(low, high)) return false;
    items[lower] = high;
    items[upper] = low;
    return true;
  }
}

function isBefore<Id extends number | string>(a: Deadline<Id>, b: Deadline<Id>): boolean {
  return a.at < b.at || (a.at === b.at && a.id < b.id);
}
