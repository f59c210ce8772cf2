import type { Entry, GroupId, Index } from '@flotilla/core';
import { assertInLog, type LogStore, type LogWrite, lastIndexesAfter, type RecoveredLog, readRange } from '@flotilla/storage';
import type { Database, Environment } from './environment.ts';
import { groupKey, indexKey, setIndex } from './keys.ts';
import { LogReader } from './log-reader.ts';
import { encodeEntries, encodeHardState } from './log-record.ts';

/** What a write does to the file, computed completely before any of it is done. */
interface PlannedWrite {
  readonly group: GroupId;
  readonly hardState: Uint8Array | null;
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
  /** Where the logs end once all writes under way are done, for the groups that were used so far. */
  readonly #issued = new Map<GroupId, Index>();
  /** Where they end on disk. */
  readonly #durable = new Map<GroupId, Index>();

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#reader = new LogReader(environment.db, environment.file);
  }

  async recover(group: GroupId): Promise<RecoveredLog> {
    this.#environment.assertUsable();
    return this.#reader.recover(group);
  }

  async write(writes: readonly LogWrite[]): Promise<void> {
    this.#environment.assertUsable();
    const lastIndexes = lastIndexesAfter(writes, (group) => this.#lastIssued(group));
    const planned = this.#plan(writes);
    if (planned.length === 0) return;
    for (const [group, last] of lastIndexes) this.#issued.set(group, last);
    const bytes = planned.reduce((sum, { records }) => records.reduce((total, { length }) => total + length, sum), 0);
    await this.#environment.commit(bytes, () => {
      for (const each of planned) put(this.#environment.db, each);
    });
    for (const [group, last] of lastIndexes) this.#durable.set(group, last);
  }

  read(group: GroupId, from: Index, to: Index, bytesMax: number): readonly Entry[] {
    this.#environment.assertUsable();
    assertInLog(group, from, to, this.#lastDurable(group));
    return readRange(from, to, bytesMax, (index) => {
      const entry = this.#reader.entry(group, index);
      if (entry) return entry;
      // A truncation that has not resolved yet may be on disk already: then the entry is gone, not lost.
      if (this.#environment.busy) assertInLog(group, from, to, index - 1);
      return this.#reader.missing(group, index);
    });
  }

  async close(): Promise<void> {
    await this.#environment.close();
  }

  #plan(writes: readonly LogWrite[]): PlannedWrite[] {
    const ends = new Map<GroupId, Index>();
    const planned: PlannedWrite[] = [];
    for (const { group, hardState, truncateAfter, entries } of writes) {
      const end = ends.get(group) ?? this.#lastIssued(group);
      const kept = truncateAfter === null ? end : Math.min(truncateAfter, end);
      const newEnd = kept + entries.length;
      ends.set(group, newEnd);
      // What the new entries overwrite need not be removed first.
      if (!hardState && end <= newEnd && entries.length === 0) continue;
      planned.push({
        group,
        hardState: hardState && encodeHardState(group, hardState),
        removeFrom: newEnd + 1,
        removeTo: end,
        firstIndex: kept + 1,
        records: encodeEntries(group, entries),
      });
    }
    return planned;
  }

  #lastIssued(group: GroupId): Index {
    return this.#issued.get(group) ?? this.#lastDurable(group);
  }

  #lastDurable(group: GroupId): Index {
    let last = this.#durable.get(group);
    if (last === undefined) {
      last = this.#reader.lastIndex(group);
      this.#durable.set(group, last);
    }
    return last;
  }
}

/** Puts without a promise and without a new key for each record: within a batch lmdb makes none, and copies keys at once. */
function put(db: Database, { group, hardState, removeFrom, removeTo, firstIndex, records }: PlannedWrite): void {
  if (hardState) db.put(groupKey(group), hardState);
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
