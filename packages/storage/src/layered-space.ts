import { invariant } from '@flotilla/core';
import {
  binaryKey,
  bytesOfKey,
  type KeyRange,
  type KeyValue,
  OrderedMap,
  type OrderedRange,
  type StateReader,
  type StateSpace,
  stateKeyBytesMax,
} from '@flotilla/state-machine';

/** What a change costs in memory besides its bytes, roughly. */
const changeBytes = 100;

/** Changes to a space, by binary key: a new value, or null for what was deleted. */
export class SpaceLayer extends OrderedMap<Uint8Array | null> {
  #bytes = 0;

  /** What was written takes at most about so much memory: what was written over is counted as well. */
  get bytes(): number {
    return this.#bytes;
  }

  override set(key: string, value: Uint8Array | null): void {
    super.set(key, value);
    this.#bytes += changeBytes + key.length + (value?.length ?? 0);
  }

  override clear(): void {
    super.clear();
    this.#bytes = 0;
  }
}

/** A space whose changes lie in memory, in layers over what is stored. */
export class LayeredSpace implements StateSpace {
  readonly #layers: () => readonly [SpaceLayer, ...SpaceLayer[]];
  readonly #stored: StateReader;

  /** `layers` gives the newest first, which takes what is written; the others are written only between two calls of a machine. */
  constructor(layers: () => readonly [SpaceLayer, ...SpaceLayer[]], stored: StateReader) {
    this.#layers = layers;
    this.#stored = stored;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const binary = binaryKey(key);
    for (const layer of this.#layers()) {
      const changed = layer.get(binary);
      if (changed !== undefined) return changed ?? undefined;
    }
    return this.#stored.get(key);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#write(key, value);
  }

  delete(key: Uint8Array): void {
    this.#write(key, null);
  }

  *range(asked: KeyRange = {}): Generator<KeyValue, void, void> {
    const { start, end, reverse = false } = asked;
    let range: OrderedRange = { start: start && binaryKey(start), end: end && binaryKey(end), reverse };
    const cursors = [...this.#layers().map((layer) => new LayerCursor(layer)), new StoredCursor(this.#stored.range(asked))];
    try {
      for (;;) {
        const next = leastOf(cursors, range);
        if (next === undefined) return;
        range = reverse ? { ...range, end: next.key } : { ...range, start: `${next.key}\0` };
        if (next.value !== null) yield [next.bytes ?? bytesOfKey(next.key), next.value];
      }
    } finally {
      for (const cursor of cursors) cursor.close();
    }
  }

  #write(key: Uint8Array, value: Uint8Array | null): void {
    invariant(key.length > 0 && key.length <= stateKeyBytesMax, `a key of a space has 1 to ${stateKeyBytesMax} bytes, not ${key.length}`);
    this.#layers()[0].set(binaryKey(key), value);
  }
}

interface Position {
  readonly key: string;
  readonly value: Uint8Array | null;
  /** The key as bytes, where it is at hand. */
  readonly bytes?: Uint8Array;
}

interface Cursor {
  /** The first position in the range, or undefined where there is none; `range` only ever loses what was read. */
  peek(range: OrderedRange): Position | undefined;
  /** Goes on behind the position that it was at. */
  pass(): void;
  close(): void;
}

/** What comes first; of equal keys, what the newest layer says. Passes them all. */
function leastOf(cursors: readonly Cursor[], range: OrderedRange): Position | undefined {
  let least: Position | undefined;
  const heads = cursors.map((cursor) => cursor.peek(range));
  for (const head of heads) {
    if (head === undefined) continue;
    if (least === undefined || (range.reverse ? head.key > least.key : head.key < least.key)) least = head;
  }
  for (const [i, head] of heads.entries()) if (head !== undefined && head.key === least?.key) cursors[i]?.pass();
  return least;
}

/** Reads a layer; whenever that was written meanwhile, it looks for its place again. */
class LayerCursor implements Cursor {
  readonly #layer: SpaceLayer;
  #iterator: Iterator<readonly [string, Uint8Array | null]> | null = null;
  #changes = -1;
  #head: Position | undefined;

  constructor(layer: SpaceLayer) {
    this.#layer = layer;
  }

  peek(range: OrderedRange): Position | undefined {
    if (this.#changes !== this.#layer.changes) {
      this.#changes = this.#layer.changes;
      this.#iterator = this.#layer.range(range);
      this.pass();
    }
    return this.#head;
  }

  pass(): void {
    const next = this.#iterator?.next();
    this.#head = next === undefined || next.done ? undefined : { key: next.value[0], value: next.value[1] };
  }

  close(): void {}
}

class StoredCursor implements Cursor {
  readonly #iterator: Iterator<KeyValue>;
  #head: Position | undefined;

  constructor(stored: Iterable<KeyValue>) {
    this.#iterator = stored[Symbol.iterator]();
    this.pass();
  }

  peek(): Position | undefined {
    return this.#head;
  }

  pass(): void {
    const next = this.#iterator.next();
    this.#head = next.done ? undefined : { key: binaryKey(next.value[0]), value: next.value[1], bytes: next.value[0] };
  }

  close(): void {
    this.#iterator.return?.();
  }
}
