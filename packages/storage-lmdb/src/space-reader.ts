import type { GroupId } from '@flotilla/core';
import type { KeyRange, KeyValue } from '@flotilla/state-machine';
import type { Transaction } from 'lmdb';
import type { Database, RecordSource } from './environment.ts';
import { generationOf, generationStart, keyIn, storedKeyOf } from './space-keys.ts';
import { decodePair } from './space-record.ts';
import { readFailure, stateDamaged } from './state-damage.ts';

/** Reads and verifies one generation of a group's space in an LMDB file: as it is, or as of a transaction. */
export class SpaceReader {
  readonly #source: RecordSource;
  readonly #group: GroupId;
  readonly #transaction: { readonly transaction?: Transaction };
  readonly #start: Buffer;
  readonly #end: Buffer;

  constructor(source: RecordSource, group: GroupId, generation: number, transaction?: Transaction) {
    this.#source = source;
    this.#group = group;
    this.#transaction = transaction ? { transaction } : {};
    this.#start = generationStart(group, generation);
    this.#end = generationStart(group, generation + 1);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const storedKey = storedKeyOf(this.#start, key);
    const record = this.#verified(() => this.#source.db.get(storedKey, this.#transaction));
    return record && (decodePair(storedKey, record) ?? this.#corrupted());
  }

  *range({ start, end, reverse = false }: KeyRange = {}): Generator<KeyValue, void, void> {
    const low = start ? storedKeyOf(this.#start, start) : this.#start;
    const high = end ? storedKeyOf(this.#start, end) : this.#end;
    if (low.compare(high) >= 0) return;
    // LMDB goes down from the first bound to the second, the end of our range and its beginning.
    const bounds = reverse ? { start: high, end: low, reverse, exclusiveStart: true, inclusiveEnd: true } : { start: low, end: high };
    const found = this.#verified(() => this.#source.db.getRange({ ...bounds, ...this.#transaction })[Symbol.iterator]());
    try {
      for (let next = this.#verified(() => found.next()); !next.done; next = this.#verified(() => found.next())) {
        const { key, value } = next.value;
        yield [keyIn(key), decodePair(key, value) ?? this.#corrupted()];
      }
    } finally {
      // Whoever takes only some must not leave the cursor open.
      found.return?.();
    }
  }

  #verified<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw readFailure(this.#group, pair, this.#source, cause);
    }
  }

  #corrupted(): never {
    throw stateDamaged(this.#group, pair, this.#source);
  }
}

const pair = 'a pair of the space';

/** The highest generation of a group's space of which the file holds anything; -1 where it holds nothing of any. */
export function highestGeneration(db: Database, group: GroupId): number {
  const [last] = db.getKeys({ start: generationStart(group, 2 ** 32 - 1), end: generationStart(group, 0), reverse: true, limit: 1 });
  return (last && generationOf(last)) ?? -1;
}
