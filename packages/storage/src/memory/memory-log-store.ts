import { type Entry, emptyLog, extend, type GroupId, type Index } from '@flotilla/core';
import { lastIndexesAfter } from '../log-continuity.ts';
import { assertInLog, readRange } from '../log-range.ts';
import type { LogStore, LogWrite, RecoveredLog } from '../log-store.ts';
import { StorageError } from '../storage-error.ts';
import { MemoryDisk } from './memory-disk.ts';

/** A {@link LogStore} in memory, for tests and simulations. What was written stays on its `disk`. */
export class MemoryLogStore implements LogStore {
  readonly #disk: MemoryDisk;
  #closed = false;

  constructor(disk: MemoryDisk = new MemoryDisk()) {
    this.#disk = disk;
  }

  async recover(group: GroupId): Promise<RecoveredLog> {
    this.#assertOpen();
    const { hardState, entries } = this.#disk.log(group);
    const log = entries.reduce((shape, entry) => extend(shape, entry.term), emptyLog);
    return { hardState, log, lastTime: entries.at(-1)?.time ?? 0 };
  }

  async write(writes: readonly LogWrite[]): Promise<void> {
    this.#assertOpen();
    lastIndexesAfter(writes, (group) => this.#disk.log(group).entries.length);
    for (const { group, hardState, truncateAfter, entries } of writes) {
      const log = this.#disk.log(group);
      if (hardState) log.hardState = hardState;
      if (truncateAfter !== null && truncateAfter < log.entries.length) log.entries.length = truncateAfter;
      for (const entry of entries) log.entries.push({ ...entry, payload: new Uint8Array(entry.payload) });
    }
  }

  read(group: GroupId, from: Index, to: Index, bytesMax: number): readonly Entry[] {
    this.#assertOpen();
    const { entries } = this.#disk.log(group);
    assertInLog(group, from, to, entries.length);
    return readRange(from, to, bytesMax, (index) => entries[index - 1] as Entry);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw new StorageError('storage_closed', 'the log store is closed', 'Open a new one on the same disk.');
  }
}
