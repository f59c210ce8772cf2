import { binaryKey, bytesOfKey } from './binary-key.ts';
import { OrderedMap } from './ordered-map.ts';
import type { KeyRange, KeyValue, StateSpace } from './state-space.ts';

/** A {@link StateSpace} in memory: for machines that run without a store, such as in tests, and for stores that live in memory. */
export class MemorySpace implements StateSpace {
  readonly #pairs = new OrderedMap<Uint8Array>();

  /** With what `pairs` has: the values are shared, for nobody may change them. */
  constructor(pairs?: Iterable<KeyValue>) {
    if (pairs !== undefined) for (const [key, value] of pairs) this.put(key, value);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#pairs.get(binaryKey(key));
  }

  *range({ start, end, reverse }: KeyRange = {}): Generator<KeyValue, void, void> {
    const range = { start: start && binaryKey(start), end: end && binaryKey(end), reverse };
    for (const [key, value] of this.#pairs.range(range)) yield [bytesOfKey(key), value];
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#pairs.set(binaryKey(key), value);
  }

  delete(key: Uint8Array): void {
    this.#pairs.delete(binaryKey(key));
  }
}
