import { type GroupId, type Index, invariant } from '@flotilla/core';
import { bytesOfKey, type KeyValue, MemorySpace, type StateReader, type StateSpace } from '@flotilla/state-machine';
import { assertServes, exceeds, firstAtOrBehind, newRecords, takeRecords } from '../journal-window.ts';
import { LayeredSpace, SpaceLayer } from '../layered-space.ts';
import type { JournalRecord, JournalRetention, StateCommit, StateStore, StateView } from '../state-store.ts';
import { StorageError } from '../storage-error.ts';
import { viewOf } from '../view-of.ts';
import { MemoryDisk, type StateOnDisk } from './memory-disk.ts';

/** A {@link StateStore} in memory, for tests and simulations. What was committed stays on its `disk`. */
export class MemoryStateStore implements StateStore {
  readonly #disk: MemoryDisk;
  readonly #retention: JournalRetention;
  readonly #staged = new Map<GroupId, SpaceLayer>();
  #closed = false;

  constructor(disk: MemoryDisk = new MemoryDisk(), retention: JournalRetention = {}) {
    this.#disk = disk;
    this.#retention = retention;
  }

  applied(group: GroupId): Index {
    return this.#state(group).applied;
  }

  async commit(commits: readonly StateCommit[]): Promise<void> {
    this.#assertOpen();
    // Two passes, so that a commit that breaks the contract leaves nothing of its neighbours behind.
    for (const commit of commits) newRecords(commit, this.#state(commit.group).applied);
    for (const commit of commits) {
      const state = this.#state(commit.group);
      if (commit.skipsTo !== undefined && commit.skipsTo > state.applied) {
        state.records.length = 0;
        state.extent = { start: commit.skipsTo + 1, records: 0, bytes: 0 };
      }
      for (const record of newRecords(commit, state.applied)) this.#append(state, record);
      state.applied = Math.max(state.applied, commit.applied);
      this.#trim(state);
      this.#unstage(commit.group, state);
    }
  }

  space(group: GroupId): StateSpace {
    const committed: StateReader = {
      get: (key) => this.#state(group).space.get(key),
      range: (range) => this.#state(group).space.range(range),
    };
    return new LayeredSpace(() => [this.#stagedOf(group)], committed);
  }

  stagedBytes(group: GroupId): number {
    return this.#stagedOf(group).bytes;
  }

  async view(group: GroupId): Promise<StateView> {
    const { applied, space } = this.#state(group);
    return viewOf(applied, new MemorySpace(space.range()));
  }

  async install(group: GroupId, applied: Index, pairs: AsyncIterable<readonly KeyValue[]>): Promise<void> {
    const space = new MemorySpace();
    for await (const some of pairs) for (const [key, value] of some) space.put(key, new Uint8Array(value));
    const state = this.#state(group);
    invariant(applied >= state.applied, `group ${group}: a state of ${applied} is installed behind the applied index ${state.applied}`);
    this.#stagedOf(group).clear();
    Object.assign(state, { applied, space, records: [], extent: { start: applied + 1, records: 0, bytes: 0 } });
  }

  journalStart(group: GroupId): Index {
    return this.#state(group).extent.start;
  }

  journal(group: GroupId, from: Index, recordsMax: number, bytesMax?: number): readonly JournalRecord[] {
    const { extent, records } = this.#state(group);
    assertServes(group, extent.start, from);
    return takeRecords(records.slice(firstAtOrBehind(records, from)), recordsMax, bytesMax);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #unstage(group: GroupId, { space }: StateOnDisk): void {
    const staged = this.#stagedOf(group);
    for (const [key, value] of staged.entries()) {
      if (value === null) space.delete(bytesOfKey(key));
      else space.put(bytesOfKey(key), value);
    }
    staged.clear();
  }

  #stagedOf(group: GroupId): SpaceLayer {
    const present = this.#staged.get(group) ?? new SpaceLayer();
    this.#staged.set(group, present);
    return present;
  }

  #append(state: StateOnDisk, { index, term, time, events }: JournalRecord): void {
    state.records.push({ index, term, time, events: new Uint8Array(events) });
    const { start, records, bytes } = state.extent;
    state.extent = { start, records: records + 1, bytes: bytes + events.length };
  }

  #trim(state: StateOnDisk): void {
    const newestTime = state.records.at(-1)?.time ?? 0;
    let removed = 0;
    for (const { index, time, events } of state.records) {
      if (!exceeds(state.extent, this.#retention, time, newestTime)) break;
      removed++;
      state.extent = { start: index + 1, records: state.extent.records - 1, bytes: state.extent.bytes - events.length };
    }
    if (removed > 0) state.records = state.records.slice(removed);
  }

  #assertOpen(): void {
    if (this.#closed) throw new StorageError('storage_closed', 'the state store is closed', 'Open a new one on the same disk.');
  }

  #state(group: GroupId): StateOnDisk {
    this.#assertOpen();
    return this.#disk.state(group);
  }
}
