import {
  decodeMembership,
  emptyLog,
  extend,
  type GroupId,
  type Index,
  type LogShape,
  lastTerm,
  type PlacedMembership,
  startAfter,
} from '@flotilla/core';
import type { LogDamage } from '@flotilla/storage';
import { chainStart, entryHeader, payloadOf, type StoredBase } from './log-record.ts';

/** What the entries of a log come to. */
export interface ScannedLog {
  readonly log: LogShape;
  readonly lastTime: number;
  readonly memberships: readonly PlacedMembership[];
  /** The checksum of the last record; of the beginning where there is none. */
  readonly chain: number;
  /** The first entry that is not what was written, where there is one: the log ends before it. */
  readonly damage: LogDamage | null;
}

/** Takes in the records of a log in their order, and verifies that each is what was written behind the one before. */
export class LogScan {
  readonly #group: GroupId;
  readonly #memberships: PlacedMembership[];
  #log: LogShape;
  #lastTime: number;
  #chain: number;
  #damage: LogDamage | null = null;
  /** Entries of the last term that `#log` does not have yet. */
  #ahead = 0;

  constructor(group: GroupId, stored: StoredBase | null) {
    this.#group = group;
    this.#memberships = stored === null ? [] : [{ index: stored.base.index, membership: stored.base.membership }];
    this.#log = stored === null ? emptyLog : startAfter(stored.base.index, stored.base.term);
    this.#lastTime = stored?.base.time ?? 0;
    this.#chain = stored?.chain ?? chainStart(group, 0, 0);
  }

  /** How many entries the log has so far. */
  get entries(): number {
    return this.#log.lastIndex + this.#ahead - this.#log.snapshotIndex;
  }

  /** Whether the record is the next entry of the log. After one that is not, the log has ended. */
  add(keyIndex: Index | undefined, buffer: Buffer, start: number, end: number): boolean {
    const index = this.#log.lastIndex + this.#ahead + 1;
    if (keyIndex !== index) return this.#end(index, 'is missing');
    const entry = entryHeader(this.#group, index, buffer, start, end);
    if (!entry) return this.#end(index, 'is not what was written');
    if (entry.chain !== this.#chain) return this.#end(index, 'does not follow the entry before it');
    if (entry.kind === 'membership' && !this.#addMembership(index, payloadOf(buffer, start, end)))
      return this.#end(index, 'holds no membership');
    if (entry.term !== lastTerm(this.#log) || this.#log.runs.length === 0) {
      this.#settle();
      this.#log = extend(this.#log, entry.term);
    } else {
      this.#ahead++;
    }
    this.#lastTime = entry.time;
    this.#chain = entry.checksum;
    return true;
  }

  result(): ScannedLog {
    this.#settle();
    return { log: this.#log, lastTime: this.#lastTime, memberships: this.#memberships, chain: this.#chain, damage: this.#damage };
  }

  #addMembership(index: Index, payload: Uint8Array): boolean {
    try {
      this.#memberships.push({ index, membership: decodeMembership(payload) });
      return true;
    } catch {
      return false;
    }
  }

  #settle(): void {
    if (this.#ahead > 0) this.#log = extend(this.#log, lastTerm(this.#log), this.#ahead);
    this.#ahead = 0;
  }

  #end(index: Index, reason: string): boolean {
    this.#damage = { index, reason: `entry ${index} ${reason}` };
    return false;
  }
}
