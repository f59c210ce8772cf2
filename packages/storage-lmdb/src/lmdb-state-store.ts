import { type GroupId, type Index, invariant } from '@flotilla/core';
import type { KeyRange, KeyValue, StateSpace } from '@flotilla/state-machine';
import {
  assertServes,
  exceeds,
  firstAtOrBehind,
  type JournalRecord,
  type JournalRetention,
  LayeredSpace,
  newRecords,
  type StateCommit,
  type StateStore,
  type StateView,
  takeRecords,
} from '@flotilla/storage';
import type { Environment } from './environment.ts';
import { GroupSpace } from './group-space.ts';
import type { GroupState } from './group-state.ts';
import { extentBehind, type Goes, type JournalArchiver, oldestSpan, type ShrinkingJournal } from './journal-archiver.ts';
import { JournalReader } from './journal-reader.ts';
import { decodeJournalRecord, encodeJournalRecord, encodeState } from './journal-record.ts';
import { groupKey, indexKey, indexOf } from './keys.ts';
import { ReplacedSpaces } from './replaced-spaces.ts';
import { highestGeneration, SpaceReader } from './space-reader.ts';
import { SpaceView } from './space-view.ts';
import { putPairs, writeGeneration } from './space-writes.ts';

export interface LmdbStateStoreOptions {
  readonly retention: JournalRetention;
  /** How long a commit may wait in memory for others to share its transaction. */
  readonly flushDelayMs: number;
  /** With more than this in memory, a commit waits for the disk. */
  readonly unflushedBytesMax: number;
  /** A view closes itself after so long, in milliseconds. */
  readonly viewLifeMsMax: number;
  /** Takes what retention no longer keeps; without it, that is removed. */
  readonly archiver?: JournalArchiver | undefined;
}

/** How many records of a group one flush removes. A skip can leave a whole journal behind. */
const removedMax = 5_000;

/**
 * A {@link StateStore} in one LMDB file, written behind.
 *
 * A commit resolves when memory has it; what gathers meanwhile goes to disk as one transaction. So applying never waits
 * for this disk, and the log's own writes share the device with few others. After a crash the file holds an older applied
 * index with exactly its records, which is what the contract asks for.
 */
export class LmdbStateStore implements StateStore {
  readonly #environment: Environment;
  readonly #reader: JournalReader;
  readonly #options: LmdbStateStoreOptions;
  readonly #groups = new Map<GroupId, GroupState>();
  readonly #replaced: ReplacedSpaces;
  readonly #views = new Set<SpaceView>();
  #unflushedBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #flushing: Promise<void> | null = null;
  #closing = false;

  constructor(environment: Environment, options: LmdbStateStoreOptions) {
    this.#environment = environment;
    this.#reader = new JournalReader(environment);
    this.#options = options;
    this.#replaced = new ReplacedSpaces(environment);
    // A process that was killed while it read keeps pages from being used again.
    environment.db.readerCheck();
  }

  applied(group: GroupId): Index {
    return this.#state(group).applied;
  }

  async commit(commits: readonly StateCommit[]): Promise<void> {
    this.#environment.assertUsable();
    if (this.#options.archiver)
      for (const { group } of commits.filter(({ skipsTo }) => skipsTo !== undefined)) await this.#archiveAll(group);
    // Two passes, so that a commit that breaks the contract leaves nothing of its neighbours behind.
    for (const commit of commits) newRecords(commit, this.#state(commit.group).applied);
    for (const commit of commits) this.#apply(commit, this.#state(commit.group));
    if (this.#unflushedBytes > this.#options.unflushedBytesMax) return this.flush();
    this.#flushLater();
  }

  space(group: GroupId): StateSpace {
    const stored = {
      get: (key: Uint8Array) => this.#state(group).space.stored.get(key),
      range: (range?: KeyRange) => this.#state(group).space.stored.range(range),
    };
    return new LayeredSpace(() => this.#state(group).space.layers, stored);
  }

  stagedBytes(group: GroupId): number {
    return this.#state(group).space.stagedBytes;
  }

  async view(group: GroupId): Promise<StateView> {
    await this.flush();
    const transaction = this.#environment.db.useReadTransaction();
    try {
      const { applied, generation } = this.#reader.state(group, transaction);
      const reader = new SpaceReader(this.#environment, group, generation, transaction);
      const view = new SpaceView(applied, reader, transaction, this.#options.viewLifeMsMax, (closed) => this.#views.delete(closed));
      this.#views.add(view);
      return view;
    } catch (error) {
      transaction.done();
      throw error;
    }
  }

  /** The pairs are written under a new generation, which counts once the group's state names it. */
  async install(group: GroupId, applied: Index, pairs: AsyncIterable<readonly KeyValue[]>): Promise<void> {
    const state = this.#state(group);
    invariant(applied >= state.applied, `group ${group}: a state of ${applied} is installed behind the applied index ${state.applied}`);
    const { db } = this.#environment;
    const generation = Math.max(state.space.generation, highestGeneration(db, group)) + 1;
    try {
      await writeGeneration(this.#environment, group, generation, pairs);
    } catch (error) {
      this.#replaced.remove(group, generation, generation + 1);
      throw error;
    }
    await this.#archiveAll(group);
    while (this.#flushing) await this.#flushing;
    const before = state.space.generation;
    state.space.replace(this.#environment, generation);
    state.applied = applied;
    state.extent = { start: applied + 1, records: 0, bytes: 0 };
    state.newestTime = 0;
    state.unflushed = [];
    state.dirty = true;
    await this.flush();
    this.#replaced.remove(group, before, generation);
  }

  journalStart(group: GroupId): Index {
    return this.#state(group).extent.start;
  }

  journal(group: GroupId, from: Index, recordsMax: number, bytesMax?: number): readonly JournalRecord[] {
    const state = this.#state(group);
    assertServes(group, state.extent.start, from);
    return takeRecords(this.#recordsFrom(group, state, from), recordsMax, bytesMax);
  }

  *#recordsFrom(group: GroupId, { flushed, unflushed }: GroupState, from: Index): Generator<JournalRecord, void, void> {
    yield* this.#reader.records(group, from, flushed);
    for (const { index, encoded } of unflushed.slice(firstAtOrBehind(unflushed, from))) {
      const record = decodeJournalRecord(group, index, encoded);
      invariant(record !== undefined, `group ${group}: journal record ${index} was damaged in memory`);
      yield record;
    }
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      // A failure is for good, so the next call reports it.
      this.flush().catch(() => {});
    }, this.#options.flushDelayMs).unref();
  }

  /** Resolves when every commit that has resolved is on disk. */
  async flush(): Promise<void> {
    while (this.#flushing) await this.#flushing;
    this.#environment.assertUsable();
    this.#flushing = this.#flushOnce().finally(() => {
      this.#flushing = null;
    });
    await this.#flushing;
  }

  async close(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    // A store that failed or was closed before has nothing that it could still write.
    this.#closing = true;
    await this.flush().catch(() => {});
    await this.#options.archiver?.idle();
    if (this.#timer) clearTimeout(this.#timer);
    this.#replaced.stop();
    for (const view of [...this.#views]) view.close();
    await this.#environment.close();
  }

  #state(group: GroupId): GroupState {
    this.#environment.assertUsable();
    const known = this.#groups.get(group);
    if (known) return known;
    const { applied, extent, generation } = this.#reader.state(group);
    const newestTime = this.#reader.last(group)?.time ?? 0;
    const { db } = this.#environment;
    const space = new GroupSpace(this.#environment, group, generation);
    const loaded = { applied, extent, newestTime, flushed: applied, storedStart: 1, unflushed: [], space, dirty: false };
    this.#groups.set(group, loaded);
    // What a process left behind that ended while it replaced a space, or removed what was replaced.
    this.#replaced.remove(group, 0, generation);
    this.#replaced.remove(group, generation + 1, highestGeneration(db, group) + 1);
    return loaded;
  }

  #apply(commit: StateCommit, state: GroupState): void {
    if (commit.skipsTo !== undefined && commit.skipsTo > state.applied) {
      state.unflushed = [];
      state.extent = { start: commit.skipsTo + 1, records: 0, bytes: 0 };
    }
    for (const record of newRecords(commit, state.applied)) {
      const encoded = encodeJournalRecord(commit.group, record);
      state.unflushed.push({ index: record.index, time: record.time, eventBytes: record.events.length, encoded });
      const { start, records, bytes } = state.extent;
      state.extent = { start, records: records + 1, bytes: bytes + record.events.length };
      state.newestTime = record.time;
      this.#unflushedBytes += encoded.length;
    }
    state.applied = Math.max(state.applied, commit.applied);
    this.#unflushedBytes += state.space.commit();
    state.dirty = true;
    if (!this.#options.archiver) this.#trim(commit.group, state);
  }

  /** The journal is about to begin anew: what it has would be gone. */
  async #archiveAll(group: GroupId): Promise<void> {
    const { archiver } = this.#options;
    if (!archiver) return;
    await this.flush();
    // A flush may have begun to move what retention gives up: whoever asked meanwhile would get that for an answer.
    await archiver.idle();
    await archiver.move(
      group,
      this.#shrinking(group, () => true),
    );
  }

  #archiveExcess(group: GroupId): void {
    if (this.#closing) return;
    const { newestTime } = this.#state(group);
    const goes: Goes = (extent, { time }) => exceeds(extent, this.#options.retention, time, newestTime);
    void this.#options.archiver?.move(group, this.#shrinking(group, goes));
  }

  /** Gives up the oldest of the records on disk, as long as `goes` says so. */
  #shrinking(group: GroupId, goes: Goes): ShrinkingJournal {
    return {
      oldest: () => {
        const { extent, flushed } = this.#state(group);
        return oldestSpan(this.#reader.records(group, extent.start, flushed), extent, goes);
      },
      remove: ({ from, records }) => {
        const state = this.#state(group);
        if (state.extent.start !== from) return false;
        state.extent = extentBehind(state.extent, records);
        state.dirty = true;
        this.#flushLater();
        return true;
      },
    };
  }

  /** Gives up the oldest records that retention no longer keeps; the next flush removes them from the file. */
  #trim(group: GroupId, state: GroupState): void {
    for (let chunk = 1; ; chunk = 100) {
      const stored = this.#oldestStored(group, state, chunk);
      const oldest = stored.length > 0 ? stored : state.unflushed;
      let given = 0;
      for (const { index, time, eventBytes } of oldest) {
        if (!exceeds(state.extent, this.#options.retention, time, state.newestTime)) break;
        given++;
        state.extent = { start: index + 1, records: state.extent.records - 1, bytes: state.extent.bytes - eventBytes };
      }
      if (stored.length === 0 && given > 0) state.unflushed = state.unflushed.slice(given);
      if (given < stored.length || stored.length === 0) return;
    }
  }

  #oldestStored(group: GroupId, state: GroupState, recordsMax: number): { index: Index; time: number; eventBytes: number }[] {
    const { recordsMax: countMax, bytesMax, ageMsMax } = this.#options.retention;
    const unbounded = countMax === undefined && bytesMax === undefined && ageMsMax === undefined;
    if (unbounded) return [];
    const records = takeRecords(this.#reader.records(group, state.extent.start, state.flushed), recordsMax);
    return records.map(({ index, time, events }) => ({ index, time, eventBytes: events.length }));
  }

  async #flushOnce(): Promise<void> {
    const dirty = [...this.#groups].filter(([, state]) => state.dirty);
    if (dirty.length === 0) return;
    const bytes = this.#unflushedBytes;
    this.#unflushedBytes = 0;
    const planned = this.#planFlush(dirty);
    await this.#environment.commit(bytes, () => {
      const { db } = this.#environment;
      for (const { group, stored, removed, records, pairs } of planned) {
        db.put(groupKey(group), stored);
        for (const key of removed) db.remove(key);
        for (const { index, encoded } of records) db.put(indexKey(group, index), encoded);
        putPairs(db, pairs);
      }
    });
    for (const { group, state, applied, storedStart } of planned) {
      state.space.flushed();
      state.flushed = applied;
      state.storedStart = storedStart;
      if (storedStart < state.extent.start) state.dirty = true;
      state.unflushed = state.unflushed.slice(firstAtOrBehind(state.unflushed, applied + 1));
      this.#archiveExcess(group);
    }
    if (planned.some(({ state }) => state.dirty)) this.#flushLater();
  }

  /** What goes to disk, computed completely before any of it is written. */
  #planFlush(dirty: readonly (readonly [GroupId, GroupState])[]) {
    try {
      return dirty.map(([group, state]) => {
        state.dirty = false;
        const { start } = state.extent;
        const removed = this.#reader.keys(group, state.storedStart, Math.min(start - 1, state.flushed), removedMax);
        const lastRemoved = removed.length < removedMax ? undefined : removed.at(-1);
        return {
          group,
          state,
          applied: state.applied,
          stored: encodeState(group, { ...state, generation: state.space.generation }),
          removed,
          // Where it is not the beginning of the journal, the next flush goes on.
          storedStart: (lastRemoved && indexOf(lastRemoved)) ?? start,
          records: state.unflushed.slice(),
          pairs: state.space.beginFlush(),
        };
      });
    } catch (error) {
      // Nobody may be waiting for this flush; what cannot be read now must not be written over later.
      this.#environment.fail(error);
      throw error;
    }
  }
}
