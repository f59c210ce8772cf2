import type { GroupId, Index } from '@flotilla/core';
import { emptyExtent, type JournalRecord } from '@flotilla/storage';
import type { Transaction } from 'lmdb';
import type { RecordSource } from './environment.ts';
import { decodeJournalRecord, decodeState, type StoredState } from './journal-record.ts';
import { groupKey, indexKey, indexMax, indexOf } from './keys.ts';
import { readFailure, stateDamaged } from './state-damage.ts';

/** Reads and verifies applied indexes and journals in an LMDB file. */
export class JournalReader {
  readonly #source: RecordSource;

  constructor(source: RecordSource) {
    this.#source = source;
  }

  /** As of a transaction, or as it is. */
  state(group: GroupId, transaction?: Transaction): StoredState {
    const record = this.#verified(group, () => this.#source.db.get(groupKey(group), transaction ? { transaction } : {}));
    if (record === undefined) return { applied: 0, extent: emptyExtent, generation: 0 };
    return decodeState(group, record) ?? this.#corrupted(group);
  }

  /** The records with an index of `from`…`to`, ascending, each read when it is asked for. */
  *records(group: GroupId, from: Index, to: Index): Generator<JournalRecord, void, void> {
    if (from > to) return;
    const range = { start: indexKey(group, Math.min(from, indexMax)), end: indexKey(group, Math.min(to + 1, indexMax)) };
    const found = this.#verified(group, () => this.#source.db.getRange(range)[Symbol.iterator]());
    try {
      for (let next = this.#verified(group, () => found.next()); !next.done; next = this.#verified(group, () => found.next())) {
        yield this.#decode(group, next.value.key, next.value.value);
      }
    } finally {
      // A reader that takes only some must not leave its cursor open.
      found.return?.();
    }
  }

  /** Where the first `limit` of the stored records `from`…`to` are. */
  keys(group: GroupId, from: Index, to: Index, limit: number): Uint8Array[] {
    if (from > to) return [];
    return this.#verified(group, () => [...this.#source.db.getKeys({ start: indexKey(group, from), end: indexKey(group, to + 1), limit })]);
  }

  /** The newest record. */
  last(group: GroupId): JournalRecord | undefined {
    const range = { start: indexKey(group, indexMax), end: groupKey(group), reverse: true, limit: 1 };
    const [last] = this.#verified(group, () => [...this.#source.db.getRange(range)]);
    return last && this.#decode(group, last.key, last.value);
  }

  #decode(group: GroupId, key: Uint8Array, value: Uint8Array): JournalRecord {
    const index = indexOf(key);
    return (index !== undefined && decodeJournalRecord(group, index, value)) || this.#corrupted(group, index);
  }

  #verified<T>(group: GroupId, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw readFailure(group, journal, this.#source, cause);
    }
  }

  #corrupted(group: GroupId, index?: Index): never {
    throw stateDamaged(group, index === undefined ? journal : `journal record ${index}`, this.#source);
  }
}

const journal = 'the applied index or journal';
