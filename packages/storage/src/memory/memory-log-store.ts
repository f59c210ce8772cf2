import { decodeMembership, type Entry, type GroupId, type Index } from '@flotilla/core';
import { type PlannedWrite, planWrites } from '../log-continuity.ts';
import { assertInLog, readRange } from '../log-range.ts';
import type { LogStore, LogWrite, RecoveredLog } from '../log-store.ts';
import { StorageError } from '../storage-error.ts';
import { type LogOnDisk, MemoryDisk } from './memory-disk.ts';

/** A {@link LogStore} in memory, for tests and simulations. What was written stays on its `disk`. */
export class MemoryLogStore implements LogStore {
  readonly #disk: MemoryDisk;
  #closed = false;

  constructor(disk: MemoryDisk = new MemoryDisk()) {
    this.#disk = disk;
  }

  async recover(group: GroupId): Promise<RecoveredLog> {
    this.#assertOpen();
    const { hardState, base, log, entries } = this.#disk.log(group);
    const founding = base === null ? [] : [{ index: base.index, membership: base.membership }];
    const changes = entries
      .filter(({ kind }) => kind === 'membership')
      .map(({ index, payload }) => ({ index, membership: decodeMembership(payload) }));
    const lastTime = entries.at(-1)?.time ?? base?.time ?? 0;
    return { hardState, base, log, lastTime, memberships: [...founding, ...changes], damage: null };
  }

  async write(writes: readonly LogWrite[]): Promise<void> {
    this.#assertOpen();
    const planned = planWrites(writes, (group) => this.#disk.log(group).log);
    for (const each of planned) carryOut(each, this.#disk.log(each.write.group));
  }

  read(group: GroupId, from: Index, to: Index, bytesMax: number): readonly Entry[] {
    this.#assertOpen();
    const { log, entries } = this.#disk.log(group);
    assertInLog(group, from, to, log);
    return readRange(from, to, bytesMax, (index) => entries[index - log.snapshotIndex - 1] as Entry);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #assertOpen(): void {
    if (this.#closed) throw new StorageError('storage_closed', 'the log store is closed', 'Open a new one on the same disk.');
  }
}

function carryOut({ write, before, after }: PlannedWrite, disk: LogOnDisk): void {
  if (write.hardState) disk.hardState = write.hardState;
  if (write.base) disk.base = write.base;
  disk.log = after;
  if (after.snapshotIndex > before.snapshotIndex) disk.entries.splice(0, after.snapshotIndex - before.snapshotIndex);
  const kept = after.lastIndex - write.entries.length - after.snapshotIndex;
  if (kept < disk.entries.length) disk.entries.length = kept;
  for (const { index, term, time, kind, payload } of write.entries) {
    disk.entries.push({ index, term, time, kind, payload: new Uint8Array(payload) });
  }
}
