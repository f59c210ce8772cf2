import type { KeyRange, KeyValue, StateSpace } from '../space/state-space.ts';
import type { StateDigest } from './state-digest.ts';

const putMark = 1;
const deleteMark = 2;

/** A machine's space whose writes become part of a digest. */
export class DigestedSpace implements StateSpace {
  readonly #space: StateSpace;
  readonly #digest: StateDigest;

  constructor(space: StateSpace, digest: StateDigest) {
    this.#space = space;
    this.#digest = digest;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#space.get(key);
  }

  range(range?: KeyRange): Iterable<KeyValue> {
    return this.#space.range(range);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#digest.word(putMark);
    this.#digest.bytes(key);
    this.#digest.bytes(value);
    this.#space.put(key, value);
  }

  delete(key: Uint8Array): void {
    this.#digest.word(deleteMark);
    this.#digest.bytes(key);
    this.#space.delete(key);
  }
}
