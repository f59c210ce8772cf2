import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Entry, emptyLog, extend, type GroupId, type HardState, type Index, type LogShape } from '@flotilla/core';
import { type RecoveredLog, StorageError } from '@flotilla/storage';
import type { Database } from './environment.ts';
import { groupKey, groupOf, indexKey, indexMax, indexOf } from './keys.ts';
import { decodeEntry, decodeHardState } from './log-record.ts';

/** How many entries recovery verifies before it lets others run. */
const scanEntries = 2_000;

/** Reads and verifies the logs in an LMDB file. */
export class LogReader {
  readonly #db: Database;
  readonly #file: string;

  constructor(db: Database, file: string) {
    this.#db = db;
    this.#file = file;
  }

  /** The groups of which anything is stored, ascending. */
  groups(): GroupId[] {
    const groups: GroupId[] = [];
    for (let start = groupKey(1); ; ) {
      const [key] = this.#db.getKeys({ start, limit: 1 });
      const group = key && groupOf(key);
      if (group === undefined) return groups;
      groups.push(group);
      if (group === 2 ** 32 - 1) return groups;
      start = groupKey(group + 1);
    }
  }

  lastIndex(group: GroupId): Index {
    const [key] = this.#db.getKeys({ start: indexKey(group, indexMax), end: groupKey(group), reverse: true, limit: 1 });
    return key === undefined ? 0 : (indexOf(key) ?? 0);
  }

  hardState(group: GroupId): HardState {
    const record = this.#verified(group, 'hard state', () => this.#db.getBinary(groupKey(group)));
    if (record === undefined) return { term: 0, vote: null };
    return decodeHardState(group, record) ?? this.#corrupted(group, 'hard state');
  }

  /** The entry at `index`, undefined where nothing is stored. */
  entry(group: GroupId, index: Index): Entry | undefined {
    const record = this.#verified(group, index, () => this.#db.getBinary(indexKey(group, index)));
    return record === undefined ? undefined : (decodeEntry(group, index, record) ?? this.#corrupted(group, index));
  }

  /** Throws `log_corrupted` for the entry at `index`: an entry that the log must have and has not. */
  missing(group: GroupId, index: Index): never {
    return this.#corrupted(group, index);
  }

  /** Verifies every entry of a group, in one view of the file, letting others run from time to time. */
  async recover(group: GroupId): Promise<RecoveredLog> {
    const transaction = this.#db.useReadTransaction();
    try {
      const hardState = this.hardState(group);
      let log: LogShape = emptyLog;
      let lastTime = 0;
      for (let scanned = scanEntries; scanned === scanEntries; await nextTurn()) {
        scanned = 0;
        const next = log.lastIndex + 1;
        const range = { start: indexKey(group, next), end: indexKey(group, indexMax), limit: scanEntries, transaction };
        const records = this.#verified(group, next, () => [...this.#db.getRange(range)]);
        for (const { key, value } of records) {
          const index = log.lastIndex + 1;
          const entry = indexOf(key) === index ? decodeEntry(group, index, value) : undefined;
          if (!entry) return this.#corrupted(group, index);
          log = extend(log, entry.term);
          lastTime = entry.time;
          scanned++;
        }
      }
      return { hardState, log, lastTime };
    } finally {
      transaction.done();
    }
  }

  /** LMDB notices some broken pages itself, and throws. */
  #verified<T>(group: GroupId, what: Index | 'hard state', read: () => T): T {
    try {
      return read();
    } catch (cause) {
      return this.#corrupted(group, what, cause);
    }
  }

  #corrupted(group: GroupId, what: Index | 'hard state', cause?: unknown): never {
    throw new StorageError(
      'log_corrupted',
      `group ${group}: ${what === 'hard state' ? what : `entry ${what}`} in ${this.#file} is damaged or missing`,
      'Do not start this member on this data again, nor with an empty directory: it may have acknowledged what only its log held.',
      { cause },
    );
  }
}
