import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  decodeMembership,
  type Entry,
  emptyLog,
  extend,
  type GroupId,
  type HardState,
  type Index,
  type LogBase,
  type LogShape,
  type PlacedMembership,
  startAfter,
} from '@flotilla/core';
import { type LogExtent, type RecoveredLog, StorageError } from '@flotilla/storage';
import type { Transaction } from 'lmdb';
import type { Database } from './environment.ts';
import { baseKey, groupKey, groupOf, indexKey, indexMax, indexOf } from './keys.ts';
import { decodeBase, decodeEntry, decodeHardState } from './log-record.ts';

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

  /** Where a log begins and ends. */
  extent(group: GroupId): LogExtent {
    const transaction = this.#db.useReadTransaction();
    try {
      const snapshotIndex = this.#base(group, transaction)?.index ?? 0;
      const [key] = this.#db.getKeys({ start: indexKey(group, indexMax), end: baseKey(group), reverse: true, limit: 1, transaction });
      return { snapshotIndex, lastIndex: Math.max(snapshotIndex, (key && indexOf(key)) ?? 0) };
    } finally {
      transaction.done();
    }
  }

  /** The entry at `index`, undefined where nothing is stored. */
  entry(group: GroupId, index: Index): Entry | undefined {
    const record = this.#verified(group, `entry ${index}`, () => this.#db.getBinary(indexKey(group, index)));
    return record === undefined ? undefined : (decodeEntry(group, index, record) ?? this.missing(group, index));
  }

  /** Throws `log_corrupted` for the entry at `index`: an entry that the log must have and has not. */
  missing(group: GroupId, index: Index): never {
    return this.#corrupted(group, `entry ${index}`);
  }

  /** Verifies all that is stored of a group, in one view of the file, letting others run from time to time. */
  async recover(group: GroupId): Promise<RecoveredLog> {
    const scan = this.#scan(group);
    try {
      for (;;) {
        const { done, value } = scan.next();
        if (done) return value;
        await nextTurn();
      }
    } finally {
      scan.return(undefined as never);
    }
  }

  /** As {@link LogReader.recover}, without letting anybody run. */
  load(group: GroupId): RecoveredLog {
    const scan = this.#scan(group);
    for (;;) {
      const { done, value } = scan.next();
      if (done) return value;
    }
  }

  /** Stops after every slice of the log. */
  *#scan(group: GroupId): Generator<void, RecoveredLog> {
    const transaction = this.#db.useReadTransaction();
    try {
      const hardState = this.#hardState(group, transaction);
      const base = this.#base(group, transaction);
      const memberships: PlacedMembership[] = base === null ? [] : [{ index: base.index, membership: base.membership }];
      let log: LogShape = base === null ? emptyLog : startAfter(base.index, base.term);
      let lastTime = base?.time ?? 0;
      for (let scanned = scanEntries; scanned === scanEntries; yield) {
        scanned = 0;
        const next = log.lastIndex + 1;
        const range = { start: indexKey(group, next), end: indexKey(group, indexMax), limit: scanEntries, transaction };
        const records = this.#verified(group, `entry ${next}`, () => [...this.#db.getRange(range)]);
        for (const { key, value } of records) {
          const index = log.lastIndex + 1;
          const entry = indexOf(key) === index ? decodeEntry(group, index, value) : undefined;
          if (!entry) return this.missing(group, index);
          if (entry.kind === 'membership') memberships.push({ index, membership: this.#membership(group, entry) });
          log = extend(log, entry.term);
          lastTime = entry.time;
          scanned++;
        }
      }
      return { hardState, base, log, lastTime, memberships };
    } finally {
      transaction.done();
    }
  }

  #hardState(group: GroupId, transaction: Transaction): HardState {
    const record = this.#verified(group, 'hard state', () => this.#db.get(groupKey(group), { transaction }));
    if (record === undefined) return { term: 0, vote: null };
    return decodeHardState(group, record) ?? this.#corrupted(group, 'hard state');
  }

  #base(group: GroupId, transaction: Transaction): LogBase | null {
    const what = 'the beginning of the log';
    const record = this.#verified(group, what, () => this.#db.get(baseKey(group), { transaction }));
    if (record === undefined) return null;
    return this.#verified(group, what, () => decodeBase(group, record)) ?? this.#corrupted(group, what);
  }

  #membership(group: GroupId, { index, payload }: Entry): PlacedMembership['membership'] {
    return this.#verified(group, `entry ${index}`, () => decodeMembership(payload));
  }

  /** LMDB notices some broken pages itself, and throws. */
  #verified<T>(group: GroupId, what: string, read: () => T): T {
    try {
      return read();
    } catch (cause) {
      return this.#corrupted(group, what, cause);
    }
  }

  #corrupted(group: GroupId, what: string, cause?: unknown): never {
    throw new StorageError(
      'log_corrupted',
      `group ${group}: ${what} in ${this.#file} is damaged or missing`,
      'Do not start this member on this data again, nor with an empty directory: it may have acknowledged what only its log held.',
      { cause },
    );
  }
}
