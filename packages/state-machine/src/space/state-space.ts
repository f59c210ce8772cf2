/** A key and its value. */
export type KeyValue = readonly [key: Uint8Array, value: Uint8Array];

/** The longest key of a space, in bytes; a key has at least one. What stores need besides still fits into a key of LMDB. */
export const stateKeyBytesMax = 1900;

/** A part of a space: keys from `start` (included) to `end` (excluded), in the order of their bytes; all of it where absent. */
export interface KeyRange {
  readonly start?: Uint8Array;
  readonly end?: Uint8Array;
  /** Descending from the end of the range. */
  readonly reverse?: boolean;
}

/**
 * An ordered map from bytes to bytes, for reading. What it gives belongs to it, and may change with the next read: whoever keeps or
 * changes bytes copies them first.
 */
export interface StateReader {
  get(key: Uint8Array): Uint8Array | undefined;
  /**
   * Read as it is iterated over. Where the space is written meanwhile, what lies ahead is seen as it is then. To be read in one go:
   * an iterator means nothing any more once somebody was waited for.
   */
  range(range?: KeyRange): Iterable<KeyValue>;
}

/**
 * Where a machine keeps its state, instead of in objects of its own: then the state may be larger than the memory, and a restart finds
 * it as it was. What is written is seen at once, and becomes durable together with the applied index and the events of the entries
 * that caused it: all of it or nothing. It is written in `apply` only.
 */
export interface StateSpace extends StateReader {
  /** Both arrays belong to the space from now on. */
  put(key: Uint8Array, value: Uint8Array): void;
  /** Does nothing where the key is not there. */
  delete(key: Uint8Array): void;
}
