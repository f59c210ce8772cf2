import { type Entry, type GroupId, type Index, invariant } from '@flotilla/core';
import { type LogStore, readRange } from '@flotilla/storage';
import { inject, injectable } from 'inversify';
import type { GroupConfig, HostConfig } from './host-config.ts';
import { tokens } from './tokens.ts';

/**
 * A group's log as the runtime reads it: the newest entries from memory, older ones from the store.
 *
 * Entries that are not on disk yet are always in memory; of the others as many as the limits allow.
 */
@injectable()
export class LogTail {
  readonly #store: LogStore;
  readonly #group: GroupId;
  readonly #entriesMax: number;
  readonly #bytesMax: number;
  #entries: Entry[] = [];
  #firstIndex: Index = 1;
  #bytes = 0;

  constructor(
    @inject(tokens.logStore) store: LogStore,
    @inject(tokens.groupConfig) group: GroupConfig,
    @inject(tokens.hostConfig) host: HostConfig,
  ) {
    this.#store = store;
    this.#group = group.id;
    this.#entriesMax = host.limits.tailEntriesMax;
    this.#bytesMax = host.limits.tailBytesMax;
  }

  /** Begins behind what the disk holds. */
  start(lastIndex: Index): void {
    this.#firstIndex = lastIndex + 1;
  }

  append(entries: readonly Entry[]): void {
    for (const entry of entries) {
      invariant(entry.index === this.#firstIndex + this.#entries.length, () => `entry ${entry.index} leaves a gap in the log`);
      this.#entries.push(entry);
      this.#bytes += entry.payload.length;
    }
  }

  /** The log begins behind `index` from now on; `endsThere` where nothing is left behind it. */
  rebase(index: Index, endsThere: boolean): void {
    const gone = endsThere ? this.#entries.length : Math.max(0, index - this.#firstIndex + 1);
    for (const entry of this.#entries.splice(0, gone)) this.#bytes -= entry.payload.length;
    this.#firstIndex = Math.max(this.#firstIndex, index + 1);
    if (endsThere) this.#firstIndex = index + 1;
  }

  truncateAfter(index: Index): void {
    const keep = Math.max(0, index - this.#firstIndex + 1);
    for (const entry of this.#entries.splice(keep)) this.#bytes -= entry.payload.length;
    this.#firstIndex = Math.min(this.#firstIndex, index + 1);
  }

  /** Forgets old entries once there are clearly more than the limits allow, but none behind `persistedIndex`. */
  trim(persistedIndex: Index): void {
    // Cutting the array costs its length, and so does counting: only when it pays, or when bytes are at stake.
    const worthCutting = this.#entriesMax / 4;
    if (this.#entries.length < this.#entriesMax + worthCutting && this.#bytes <= 2 * this.#bytesMax) return;
    let drop = 0;
    let bytes = this.#bytes;
    const droppable = Math.max(0, persistedIndex - this.#firstIndex + 1);
    while (drop < droppable && (this.#entries.length - drop > this.#entriesMax || bytes > this.#bytesMax)) {
      bytes -= this.#entries[drop]?.payload.length ?? 0;
      drop++;
    }
    if (drop === 0 || (drop < worthCutting && this.#bytes <= 2 * this.#bytesMax)) return;
    this.#entries.splice(0, drop);
    this.#firstIndex += drop;
    this.#bytes = bytes;
  }

  /**
   * The entries from `from` on, as many up to `to` as have no more than `bytesMax` bytes of payload in total, or fewer; the
   * first one is always there. The range must be in the log.
   */
  read(from: Index, to: Index, bytesMax: number): readonly Entry[] {
    invariant(from <= to && to < this.#firstIndex + this.#entries.length, () => `entries ${from} to ${to} are not in the log`);
    if (from < this.#firstIndex) return this.#store.read(this.#group, from, Math.min(to, this.#firstIndex - 1), bytesMax);
    return readRange(from, to, bytesMax, (index) => this.#entries[index - this.#firstIndex] as Entry);
  }
}
