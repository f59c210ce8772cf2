import type { Entry, GroupId, Index, Term } from '@flotilla/core';
import {
  type Archive,
  assertInLog,
  type LogExtent,
  type LogStore,
  type LogWrite,
  type PlannedWrite,
  planWrites,
  type RecoveredLog,
  readRange,
} from '@flotilla/storage';
import { ArchivedHistory, type OnArchiveFailure } from './archived-history.ts';
import { CompactedEntries } from './compacted-entries.ts';
import type { Database, Environment } from './environment.ts';
import { baseKey, groupKey, indexKey, setIndex } from './keys.ts';
import { type EncodedWrite, encodeWrite, endOf, type LogEnd, settled } from './log-end.ts';
import { LogReader, type OnScanProgress } from './log-reader.ts';
import { encodeHardState } from './log-record.ts';

/** Outlives the log: the highest term of all groups. */
export interface TermMark {
  readonly highestTerm: Term;
  /** Resolves when a power cut can no longer take it back that this term, or a higher one, was reached. */
  raiseTerm(term: Term): Promise<void>;
}

export interface LmdbLogStoreOptions {
  readonly terms: TermMark;
  /** Counts how often the directory was opened. */
  readonly generation: number;
  readonly onProgress?: OnScanProgress | undefined;
  /** What is compacted is kept there, where there is one. */
  readonly archive?: { readonly archive: Archive; readonly onFailure: OnArchiveFailure } | undefined;
}

/** What makes a damaged log one that heals. */
interface Healing {
  readonly group: GroupId;
  readonly hardState: Uint8Array;
  /** See {@link LogReader.foreignKeys}. */
  readonly foreignKeys: readonly Uint8Array[];
}

/** A {@link LogStore} in one LMDB file. Several writes that nobody waits for share an fsync. */
export class LmdbLogStore implements LogStore {
  readonly #environment: Environment;
  readonly #options: LmdbLogStoreOptions;
  readonly #reader: LogReader;
  readonly #compacted: CompactedEntries;
  /** The ends of the logs as they are once all writes under way are done, of the groups that were used so far. */
  readonly #issued = new Map<GroupId, LogEnd>();
  /** Where they begin and end on disk. */
  readonly #durable = new Map<GroupId, LogExtent>();

  constructor(environment: Environment, options: LmdbLogStoreOptions) {
    this.#environment = environment;
    this.#options = options;
    const highestTerm = () => options.terms.highestTerm;
    this.#reader = new LogReader(environment.db, environment.file, { highestTerm, onProgress: options.onProgress });
    const { archive } = options;
    this.#compacted = new CompactedEntries(
      environment,
      archive ? new ArchivedHistory(archive.archive, this.#reader, archive.onFailure) : null,
    );
  }

  async recover(group: GroupId): Promise<RecoveredLog> {
    this.#environment.assertUsable();
    const loaded = await this.#reader.recover(group);
    const { recovered } = loaded;
    if (loaded.heals) {
      // Somebody relies on what was there: only the next start can heal.
      if (this.#issued.has(group)) this.#reader.missing(group, recovered.log.lastIndex + 1);
      const hardState = encodeHardState(group, recovered.hardState, this.#options.generation);
      await this.#commit([], { group, hardState, foreignKeys: this.#reader.foreignKeys(group) });
      await this.#raiseTerm(recovered.hardState.term);
    }
    if (!this.#issued.has(group)) {
      this.#issued.set(group, endOf(loaded));
      this.#durable.set(group, recovered.log);
    }
    // What a crash interrupted.
    this.#compacted.remove(group, recovered.log.snapshotIndex);
    return recovered;
  }

  async write(writes: readonly LogWrite[]): Promise<void> {
    this.#environment.assertUsable();
    const planned = planWrites(writes, (group) => this.#lastIssued(group).log);
    const encoded = this.#encode(planned.filter(changesSomething));
    if (encoded.length === 0) return;
    const term = writes.reduce((highest, { hardState }) => Math.max(highest, hardState?.term ?? 0), 0);
    await this.#commit(encoded, null);
    for (const { write, after } of planned) {
      this.#durable.set(write.group, after);
      if (write.base) this.#compacted.remove(write.group, after.snapshotIndex);
    }
    await this.#raiseTerm(term);
    for (const each of encoded) this.#issued.set(each.group, settled(this.#lastIssued(each.group), each));
  }

  read(group: GroupId, from: Index, to: Index, bytesMax: number): readonly Entry[] {
    this.#environment.assertUsable();
    const extent = this.#lastDurable(group);
    assertInLog(group, from, to, extent);
    const next = this.#reader.follower(group);
    return readRange(from, to, bytesMax, (index) => {
      const entry = next(index);
      if (entry) return entry;
      // What a write that has not resolved yet removes may be gone already: then the entry is not lost.
      if (this.#environment.busy) assertInLog(group, from, to, { ...extent, lastIndex: index - 1 });
      return this.#reader.missing(group, index);
    });
  }

  async close(): Promise<void> {
    await this.#compacted.stop();
    await this.#environment.close();
  }

  /** Computes all of them before any counts. */
  #encode(planned: readonly PlannedWrite[]): readonly EncodedWrite[] {
    const ends = new Map<GroupId, LogEnd>();
    const encoded = planned.map((each) => {
      const { group } = each.write;
      const next = encodeWrite(each, ends.get(group) ?? this.#lastIssued(group), this.#options.generation, this.#reader);
      ends.set(group, next.end);
      return next.encoded;
    });
    for (const [group, end] of ends) this.#issued.set(group, end);
    return encoded;
  }

  #commit(writes: readonly EncodedWrite[], healing: Healing | null): Promise<void> {
    const { db } = this.#environment;
    return this.#environment.commit(
      writes.reduce((sum, each) => sum + bytesOf(each), 0),
      () => {
        if (healing) db.put(groupKey(healing.group), healing.hardState);
        for (const key of healing?.foreignKeys ?? []) db.remove(key);
        for (const each of writes) put(db, each);
      },
    );
  }

  /** It has to outlive the log before anybody hears of the term. */
  async #raiseTerm(term: Term): Promise<void> {
    try {
      await this.#options.terms.raiseTerm(term);
    } catch (error) {
      this.#environment.fail(error);
      this.#environment.assertUsable();
    }
  }

  #lastIssued(group: GroupId): LogEnd {
    let end = this.#issued.get(group);
    if (end === undefined) {
      const loaded = this.#reader.load(group);
      if (loaded.heals) this.#reader.missing(group, loaded.recovered.log.lastIndex + 1);
      end = endOf(loaded);
      this.#issued.set(group, end);
    }
    return end;
  }

  #lastDurable(group: GroupId): LogExtent {
    let extent = this.#durable.get(group);
    if (extent === undefined) {
      extent = this.#reader.extent(group);
      this.#durable.set(group, extent);
    }
    return extent;
  }
}

function changesSomething({ write: { hardState, base, entries }, before, after }: PlannedWrite): boolean {
  return hardState !== null || base !== null || entries.length > 0 || after.lastIndex < before.lastIndex;
}

function bytesOf({ base, records }: EncodedWrite): number {
  return records.reduce((sum, { length }) => sum + length, base?.length ?? 0);
}

/** Puts without a promise and without a new key for each record: within a batch lmdb makes none, and copies keys at once. */
function put(db: Database, { group, hardState, base, removeFrom, removeTo, firstIndex, records }: EncodedWrite): void {
  if (hardState) db.put(groupKey(group), hardState);
  if (base) db.put(baseKey(group), base);
  const key = indexKey(group, 0);
  for (let index = removeFrom; index <= removeTo; index++) {
    setIndex(key, index);
    db.remove(key);
  }
  let index = firstIndex;
  for (const record of records) {
    setIndex(key, index++);
    db.put(key, record);
  }
}
