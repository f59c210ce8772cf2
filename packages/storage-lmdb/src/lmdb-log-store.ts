import type { Entry, GroupId, Index, LogShape } from '@flotilla/core';
import {
  assertInLog,
  type LogExtent,
  type LogStore,
  type LogWrite,
  type PlannedWrite,
  planWrites,
  type RecoveredLog,
  readRange,
} from '@flotilla/storage';
import { CompactedEntries } from './compacted-entries.ts';
import type { Database, Environment } from './environment.ts';
import { baseKey, groupKey, indexKey, setIndex } from './keys.ts';
import { LogReader } from './log-reader.ts';
import { encodeBase, encodeEntries, encodeHardState } from './log-record.ts';

/** What a write does to the file, computed completely before any of it is done. */
interface EncodedWrite {
  readonly group: GroupId;
  readonly hardState: Uint8Array | null;
  readonly base: Uint8Array | null;
  /** Removed, both included; none where `removeTo` is smaller. */
  readonly removeFrom: Index;
  readonly removeTo: Index;
  readonly firstIndex: Index;
  readonly records: readonly Uint8Array[];
}

/** A {@link LogStore} in one LMDB file. Several writes that nobody waits for share an fsync. */
export class LmdbLogStore implements LogStore {
  readonly #environment: Environment;
  readonly #reader: LogReader;
  readonly #compacted: CompactedEntries;
  /** The logs as they are once all writes under way are done, of the groups that were used so far. */
  readonly #issued = new Map<GroupId, LogShape>();
  /** Where they begin and end on disk. */
  readonly #durable = new Map<GroupId, LogExtent>();

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#reader = new LogReader(environment.db, environment.file);
    this.#compacted = new CompactedEntries(environment);
  }

  async recover(group: GroupId): Promise<RecoveredLog> {
    this.#environment.assertUsable();
    const recovered = await this.#reader.recover(group);
    if (!this.#issued.has(group)) this.#issued.set(group, recovered.log);
    // What a crash interrupted.
    this.#compacted.remove(group, recovered.log.snapshotIndex);
    return recovered;
  }

  async write(writes: readonly LogWrite[]): Promise<void> {
    this.#environment.assertUsable();
    const planned = planWrites(writes, (group) => this.#lastIssued(group));
    const encoded = planned.filter(changesSomething).map(encode);
    if (encoded.length === 0) return;
    for (const { write, after } of planned) this.#issued.set(write.group, after);
    await this.#environment.commit(
      encoded.reduce((sum, each) => sum + bytesOf(each), 0),
      () => {
        for (const each of encoded) put(this.#environment.db, each);
      },
    );
    for (const { write, after } of planned) {
      this.#durable.set(write.group, after);
      if (write.base) this.#compacted.remove(write.group, after.snapshotIndex);
    }
  }

  read(group: GroupId, from: Index, to: Index, bytesMax: number): readonly Entry[] {
    this.#environment.assertUsable();
    const extent = this.#lastDurable(group);
    assertInLog(group, from, to, extent);
    return readRange(from, to, bytesMax, (index) => {
      const entry = this.#reader.entry(group, index);
      if (entry) return entry;
      // What a write that has not resolved yet removes may be gone already: then the entry is not lost.
      if (this.#environment.busy) assertInLog(group, from, to, { ...extent, lastIndex: index - 1 });
      return this.#reader.missing(group, index);
    });
  }

  async close(): Promise<void> {
    this.#compacted.stop();
    await this.#environment.close();
  }

  #lastIssued(group: GroupId): LogShape {
    let log = this.#issued.get(group);
    if (log === undefined) {
      log = this.#reader.load(group).log;
      this.#issued.set(group, log);
    }
    return log;
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

/** What lies before the beginning of the log is left to {@link CompactedEntries}: it may be a lot, and nobody can see it. */
function encode({ write: { group, hardState, base, entries }, before, after }: PlannedWrite): EncodedWrite {
  return {
    group,
    hardState: hardState && encodeHardState(group, hardState),
    base: base && encodeBase(group, base),
    // What the new entries overwrite need not be removed first.
    removeFrom: after.lastIndex + 1,
    removeTo: before.lastIndex,
    firstIndex: after.lastIndex - entries.length + 1,
    records: encodeEntries(group, entries),
  };
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
