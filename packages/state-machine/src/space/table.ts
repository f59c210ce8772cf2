import { malformed } from '../codec/byte-reader.ts';
import { decodeValue, encodeValue } from '../codec/codec.ts';
import type { StateSpace } from './state-space.ts';
import { decodeKey, encodeKey, type TableKey } from './table-key.ts';

/** What keys of a kind can begin with: a part of a string, or the first parts of a tuple. */
export type KeyPrefix<Key extends TableKey> = Key extends string
  ? string
  : Key extends readonly [...infer Head extends readonly (string | number)[], string | number]
    ? Readonly<Head> | KeyPrefix<Head>
    : never;

/** A part of a table; all of it where absent. The bounds hold together. */
export interface TableRange<Key extends TableKey> {
  /** Only keys that begin so. */
  readonly prefix?: KeyPrefix<Key> | undefined;
  /** Only this key and those behind it. */
  readonly from?: Key | undefined;
  /** Only keys behind this one. */
  readonly after?: Key | undefined;
  /** Only keys before this one. */
  readonly to?: Key | undefined;
  /** Descending. */
  readonly reverse?: boolean | undefined;
}

/**
 * Values by keys, in the order of the keys: numbers by size, strings by their UTF-8 (which is by code points), tuples part by part.
 * Values are anything that the codec can write, and copies: to change one, put it again. Only event handlers may write.
 */
export interface Table<Value, Key extends TableKey = string> {
  get(key: Key): Value | undefined;
  put(key: Key, value: Value): void;
  /** Does nothing where the key is not there. */
  delete(key: Key): void;
  /** Read as it is iterated over; what is written meanwhile is seen where it lies ahead. */
  range(range?: TableRange<Key>): Iterable<readonly [Key, Value]>;
}

/** A table in a space that others may share: all its keys begin with its name. */
export class SpaceTable<Value, Key extends TableKey> implements Table<Value, Key> {
  readonly #space: StateSpace;
  readonly #prefix: Uint8Array;

  /** `name` consists of letters, digits, `-`, `_` and `.`. */
  constructor(space: StateSpace, name: string) {
    this.#space = space;
    this.#prefix = tablePrefix(name);
  }

  get(key: Key): Value | undefined {
    const stored = this.#space.get(encodeKey(this.#prefix, key));
    return stored && (decodeValue(stored) as Value);
  }

  put(key: Key, value: Value): void {
    this.#space.put(encodeKey(this.#prefix, key), encodeValue(value, 'machine_defect'));
  }

  delete(key: Key): void {
    this.#space.delete(encodeKey(this.#prefix, key));
  }

  *range({ prefix, from, after, to, reverse = false }: TableRange<Key> = {}): Generator<readonly [Key, Value], void, void> {
    // The name ends with the least byte of all, so that the next name is the first that is not this one.
    const begun = prefix === undefined ? this.#prefix : encodeKey(this.#prefix, prefix as TableKey);
    let start = begun;
    let end = successor(begun);
    if (from !== undefined) start = later(start, encodeKey(this.#prefix, from));
    if (after !== undefined) start = later(start, withZero(encodeKey(this.#prefix, after)));
    if (to !== undefined) end = earlier(end, encodeKey(this.#prefix, to));
    for (const [bytes, stored] of this.#space.range({ start, end, reverse })) {
      const key = decodeKey(bytes, this.#prefix.length);
      if (key === undefined) throw malformed('these bytes are no key of a table');
      yield [key as Key, decodeValue(stored) as Value];
    }
  }
}

/** Takes everything out of the table `name`. */
export function clearTable(space: StateSpace, name: string): void {
  const prefix = tablePrefix(name);
  for (const [key] of space.range({ start: prefix, end: successor(prefix) })) space.delete(key.slice());
}

function tablePrefix(name: string): Uint8Array {
  return Uint8Array.from(`${name}\0`, (letter) => letter.charCodeAt(0));
}

/** The least bytes behind all that begin with `prefix`, which is never all ones: a table's begins with its name. */
function successor(prefix: Uint8Array): Uint8Array {
  let length = prefix.length;
  while (prefix[length - 1] === 0xff) length--;
  const bytes = prefix.slice(0, length);
  bytes[length - 1] = (bytes[length - 1] as number) + 1;
  return bytes;
}

/** The least bytes behind these. */
function withZero(bytes: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  return longer;
}

function later(a: Uint8Array, b: Uint8Array): Uint8Array {
  return isBefore(a, b) ? b : a;
}

function earlier(a: Uint8Array, b: Uint8Array): Uint8Array {
  return isBefore(a, b) ? a : b;
}

function isBefore(a: Uint8Array, b: Uint8Array): boolean {
  const common = Math.min(a.length, b.length);
  for (let at = 0; at < common; at++) if (a[at] !== b[at]) return (a[at] as number) < (b[at] as number);
  return a.length < b.length;
}
