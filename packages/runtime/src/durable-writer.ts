import type { GroupId, Persist } from '@flotilla/core';
import type { LogStore, LogWrite } from '@flotilla/storage';
import { inject, injectable } from 'inversify';
import { FailStop } from './fail-stop.ts';
import { Outbox } from './outbox.ts';
import { tokens } from './tokens.ts';

/** Tells a group that its writes up to this sequence number are on disk. */
export type OnPersisted = (sequence: number) => void;

interface QueuedWrite {
  readonly group: GroupId;
  readonly persist: Persist;
}

/** Payload bytes after which a write takes no more. */
const batchBytesMax = 4 * 1024 * 1024;

/**
 * The only place that writes the log, and the only place from which promises leave.
 *
 * One write is under way at a time; what is asked for meanwhile becomes the next one, so that a slow disk makes larger
 * batches instead of a longer queue. The queue is bounded by what the groups bound: proposals on a leader, the window
 * of the leader's appends on a follower.
 */
@injectable()
export class DurableWriter {
  readonly #store: LogStore;
  readonly #outbox: Outbox;
  readonly #failStop: FailStop;
  readonly #onPersisted = new Map<GroupId, OnPersisted>();
  #queue: QueuedWrite[] = [];
  #writing: Promise<void> | null = null;

  constructor(@inject(tokens.logStore) store: LogStore, @inject(Outbox) outbox: Outbox, @inject(FailStop) failStop: FailStop) {
    this.#store = store;
    this.#outbox = outbox;
    this.#failStop = failStop;
  }

  register(group: GroupId, onPersisted: OnPersisted): void {
    this.#onPersisted.set(group, onPersisted);
  }

  add(group: GroupId, persist: Persist): void {
    this.#queue.push({ group, persist });
  }

  flush(): void {
    if (this.#writing || this.#queue.length === 0 || this.#failStop.tripped) return;
    this.#writing = this.#drain();
  }

  /** Resolves when no write is under way any more. */
  async idle(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  async #drain(): Promise<void> {
    try {
      while (this.#queue.length > 0 && !this.#failStop.tripped) {
        const batch = this.#takeBatch();
        const writes = writesOf(batch);
        // Promises alone still wait for the next microtask, so that whoever flushes never meets their end.
        await (writes.length > 0 ? this.#store.write(writes) : null);
        if (!this.#failStop.tripped) this.#keepPromises(batch);
      }
    } catch (error) {
      this.#failStop.trip(error);
    }
    this.#writing = null;
  }

  /** The oldest of what waits, up to a size at which the disk still shows that it gets on. */
  #takeBatch(): readonly QueuedWrite[] {
    let bytes = 0;
    let count = 0;
    do for (const { payload } of this.#queue[count++]?.persist.entries ?? []) bytes += payload.length;
    while (count < this.#queue.length && bytes < batchBytesMax);
    const batch = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    return batch;
  }

  #keepPromises(batch: readonly QueuedWrite[]): void {
    const done = new Map<GroupId, number>();
    for (const { group, persist } of batch) {
      for (const { to, message } of persist.promises) this.#outbox.add(group, to, message);
      done.set(group, persist.sequence);
    }
    this.#outbox.flush();
    for (const [group, sequence] of done) this.#onPersisted.get(group)?.(sequence);
  }
}

function writesOf(batch: readonly QueuedWrite[]): readonly LogWrite[] {
  const writes: LogWrite[] = [];
  for (const { group, persist } of batch) {
    const { hardState, base, truncateAfter, entries } = persist;
    if (hardState || base || truncateAfter !== null || entries.length > 0) writes.push({ group, hardState, base, truncateAfter, entries });
  }
  return writes;
}
