import type { GroupId, Index } from '@flotilla/core';
import { assertServes, exceeds, firstAtOrBehind, newRecords, takeRecords } from '../journal-window.ts';
import type { JournalRecord, JournalRetention, StateCommit, StateStore } from '../state-store.ts';
import { StorageError } from '../storage-error.ts';
import { MemoryDisk, type StateOnDisk } from './memory-disk.ts';

/** A {@link StateStore} in memory, for tests and simulations. What was committed stays on its `disk`. */
export class MemoryStateStore implements StateStore {
  readonly #disk: MemoryDisk;
  readonly #retention: JournalRetention;
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
    }
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
