import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Entry, GroupId, HardState, Index, Term } from '@flotilla/core';
import { type LogExtent, type RecoveredLog, StorageError } from '@flotilla/storage';
import type { Database } from './environment.ts';
import { baseKey, groupKey, indexAt, indexKey, indexMax, indexOf, rollbackKey } from './keys.ts';
import {
  chainStart,
  decodeBase,
  decodeHardState,
  decodeRollback,
  type EntryHeader,
  entryHeader,
  payloadOf,
  type Rollback,
  type StoredBase,
} from './log-record.ts';
import { LogScan, type ScannedLog } from './log-scan.ts';
import { PageFile } from './pages/page-file.ts';
import { findRecord, type PageRecord, walkTree } from './pages/walk-tree.ts';
import { storedGroups } from './stored-groups.ts';

/** How many pages of records recovery verifies before it lets others run. */
const slicePages = 256;

/** How far the verification of a log has come. */
export interface ScanProgress {
  readonly group: GroupId;
  /** Verified so far. */
  readonly entries: number;
  /** How many there are; an estimate. */
  readonly of: number;
  /** Bytes of records that were verified so far. */
  readonly bytes: number;
}

export type OnScanProgress = (progress: ScanProgress) => void;

type Find = (key: Uint8Array) => Uint8Array | undefined;

/** A log as its records tell it. */
export interface LoadedLog {
  readonly recovered: RecoveredLog;
  /** The checksum of the last record, see {@link ScannedLog.chain}. */
  readonly chain: number;
  /** The chain of the first entry. */
  readonly baseChain: number;
  /** The last index of which anything is stored, be it part of the log or not; 0 for none. */
  readonly storedTo: Index;
  /** Whether its hard state has to be written before anybody may rely on it. */
  readonly heals: boolean;
}

export interface LogReaderOptions {
  /** The highest term that the member is known to have had, for where the file does not tell. */
  readonly highestTerm?: () => Term;
  readonly onProgress?: OnScanProgress | undefined;
}

/** Reads and verifies the logs in an LMDB file. */
export class LogReader {
  readonly #db: Database;
  readonly #file: string;
  readonly #options: LogReaderOptions;
  readonly #find: Find = (key) => this.#db.getBinary(key);

  constructor(db: Database, file: string, options: LogReaderOptions = {}) {
    this.#db = db;
    this.#file = file;
    this.#options = options;
  }

  /** The groups of which anything is stored, ascending. */
  groups(): GroupId[] {
    return storedGroups(this.#db);
  }

  /** Keys among a group's entries that no record of a log has. Damage can make one of another: nobody reads it, and it would be in the way. */
  foreignKeys(group: GroupId): Uint8Array[] {
    const foreign: Uint8Array[] = [];
    for (const key of this.#db.getKeys({ start: indexKey(group, 0), end: indexKey(group, indexMax) })) {
      if (indexOf(key) === undefined) foreign.push(Buffer.from(key));
    }
    return foreign;
  }

  /** Where a log begins and ends. */
  extent(group: GroupId): LogExtent {
    const { hardState } = this.#hardState(group);
    // What is stored behind the end of a log that is being healed is not part of it.
    if (hardState.recovering) return this.load(group).recovered.log;
    const snapshotIndex = this.#base(group)?.base.index ?? 0;
    return { snapshotIndex, lastIndex: Math.max(snapshotIndex, this.#storedTo(group)) };
  }

  /** Reads entries of a group one after the other, undefined where nothing is stored: those next to each other must follow each other. */
  follower(group: GroupId): (index: Index) => Entry | undefined {
    let previous: EntryHeader | undefined;
    return (index) => {
      const record = this.#record(group, index);
      const header = record && this.#header(group, index, record);
      if (header && previous?.index === index - 1 && previous.checksum !== header.chain) return this.missing(group, index);
      previous = header;
      if (!header) return undefined;
      const { term, time, kind } = header;
      return { index, term, time, kind, payload: payloadOf(record) };
    };
  }

  /** The checksum of the record at `index`, which must be there, or of the beginning where it is there. */
  checksum(group: GroupId, index: Index): number {
    const beginning = this.beginning(group);
    if (index === beginning.index) return beginning.chain;
    return this.#header(group, index, this.#record(group, index) ?? this.missing(group, index)).checksum;
  }

  /** The index behind which a log begins, and the chain of the first entry behind it. */
  beginning(group: GroupId): { readonly index: Index; readonly chain: number } {
    const stored = this.#base(group);
    return { index: stored?.base.index ?? 0, chain: stored?.chain ?? chainStart(group, 0, 0) };
  }

  /** What is stored at `index`, part of the log or not; undefined where that is nothing, or not intact. */
  intactHeader(group: GroupId, index: Index): EntryHeader | undefined {
    const record = this.#record(group, index);
    return record && entryHeader(group, index, record);
  }

  /** Throws `log_corrupted` for the entry at `index`: an entry that the log must have and has not. */
  missing(group: GroupId, index: Index): never {
    return this.#corrupted(group, `entry ${index}`);
  }

  /** Verifies all that is stored of a group, in one view of the file, letting others run from time to time. */
  async recover(group: GroupId): Promise<LoadedLog> {
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
  load(group: GroupId): LoadedLog {
    const scan = this.#scan(group);
    for (;;) {
      const { done, value } = scan.next();
      if (done) return value;
    }
  }

  /** Stops after every slice of the log. */
  *#scan(group: GroupId): Generator<void, LoadedLog> {
    // While it is held, LMDB writes over none of the pages that the scan reads by itself.
    const transaction = this.#db.useReadTransaction();
    try {
      const file = this.#verified(group, 'the log', () => new PageFile(this.#file));
      try {
        const find: Find = (key) => findRecord(file, key);
        const { hardState, damage } = this.#hardState(group, find);
        const stored = this.#base(group, find);
        const scanned = yield* this.#entries(group, file, stored);
        const { log, lastTime, memberships, chain } = scanned;
        const found = scanned.damage ?? damage;
        // Whoever is healing already has been told: what does not follow is what it lost.
        const heals = damage !== null || (scanned.damage !== null && !hardState.recovering);
        const recovered: RecoveredLog = {
          hardState: heals ? { ...hardState, recovering: true } : hardState,
          base: stored?.base ?? null,
          log,
          lastTime,
          memberships,
          damage: heals && found !== null ? { ...found, reason: `group ${group}: ${found.reason} in ${this.#file}` } : null,
        };
        return { recovered, chain, baseChain: stored?.chain ?? chainStart(group, 0, 0), storedTo: this.#storedTo(group), heals };
      } finally {
        file.close();
      }
    } finally {
      transaction.done();
    }
  }

  *#entries(group: GroupId, file: PageFile, stored: StoredBase | null): Generator<void, ScannedLog> {
    const scan = new LogScan(group, stored);
    const first = (stored?.base.index ?? 0) + 1;
    const of = Math.max(0, this.#storedTo(group) - first + 1);
    let bytes = 0;
    const add = ({ page, keyStart, keyEnd, value, valueStart, valueEnd }: PageRecord) => {
      bytes += valueEnd - valueStart;
      return scan.add(indexAt(page, keyStart, keyEnd), value, valueStart, valueEnd);
    };
    const walk = walkTree(file, file.meta.records, add, { start: indexKey(group, first), end: indexKey(group, indexMax) });
    for (let pages = 1; !this.#verified(group, 'the log', () => walk.next().done); pages++) {
      if (pages % slicePages !== 0) continue;
      this.#options.onProgress?.({ group, entries: scan.entries, of, bytes });
      yield;
    }
    this.#options.onProgress?.({ group, entries: scan.entries, of, bytes });
    return scan.result();
  }

  /** What the file says, and what has to be said instead where it cannot be trusted. */
  #hardState(group: GroupId, find: Find = this.#find): { readonly hardState: HardState; readonly damage: RecoveredLog['damage'] } {
    const record = this.#verified(group, 'hard state', () => find(groupKey(group)));
    const stored = record === undefined ? { hardState: { term: 0, vote: null }, generation: 0 } : decodeHardState(group, record);
    const rollback = this.#rollback(group, find);
    const term = Math.max(stored?.hardState.term ?? 0, rollback?.term ?? 0);
    if (!stored) {
      const forgotten = { term: Math.max(term, this.#options.highestTerm?.() ?? 0), vote: null };
      return { hardState: forgotten, damage: { index: null, reason: 'the hard state is not what was written' } };
    }
    const { hardState, generation } = stored;
    if (rollback === null || generation >= rollback.generation) return { hardState, damage: null };
    const vote = term === hardState.term ? hardState.vote : null;
    return { hardState: { term, vote }, damage: { index: null, reason: 'an older copy of the log was found' } };
  }

  #rollback(group: GroupId, find: Find): Rollback | null {
    const record = this.#verified(group, 'the mark of an older copy', () => find(rollbackKey));
    return record === undefined ? null : (decodeRollback(record) ?? this.#corrupted(group, 'the mark of an older copy'));
  }

  #base(group: GroupId, find: Find = this.#find): StoredBase | null {
    const what = 'the beginning of the log';
    const record = this.#verified(group, what, () => find(baseKey(group)));
    if (record === undefined) return null;
    return this.#verified(group, what, () => decodeBase(group, record)) ?? this.#corrupted(group, what);
  }

  #storedTo(group: GroupId): Index {
    const range = { start: indexKey(group, indexMax), end: baseKey(group), reverse: true, limit: 1 };
    const [key] = this.#verified(group, 'the end of the log', () => [...this.#db.getKeys(range)]);
    return (key && indexOf(key)) ?? 0;
  }

  #record(group: GroupId, index: Index): Buffer | undefined {
    return this.#verified(group, `entry ${index}`, () => this.#db.getBinary(indexKey(group, index)));
  }

  #header(group: GroupId, index: Index, record: Buffer): EntryHeader {
    return entryHeader(group, index, record) ?? this.missing(group, index);
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
      `group ${group}: ${what} in ${this.#file} is damaged or missing${cause instanceof Error ? ` (${cause.message})` : ''}`,
      'Start the member again: it heals from the others what it can. Where it refuses with this error at its start, remove this member from the group and add it afresh with an empty directory; see docs/operations.md.',
      { cause },
    );
  }
}
