import { decodeMembership, type Entry, type GroupId, type Index, type PlacedMembership, type Term } from '@flotilla/core';
import { assertInLog, type LogDamage, type RecoveredLog, readRange, StorageError } from '@flotilla/storage';
import type { DurableLog } from '../watch/observer.ts';
import { Damage } from './damage.ts';
import { type DiskDevice, sectorBytes } from './disk-device.ts';
import { LogImage } from './log-image.ts';

export const logFile = 'log.mdb';

/** What a transaction makes of one group's log. */
export interface LogChange {
  readonly group: GroupId;
  readonly before: LogImage;
  readonly after: LogImage;
}

/**
 * A transaction on its way to the disk: its pages are written and synced, then one sector is written that makes it count, and
 * synced. So it is there wholly or not at all.
 */
export interface LogTransaction {
  readonly changes: readonly LogChange[];
  readonly bytes: number;
  /**
   * When its pages are on disk, and the sector that makes it count goes to the page cache, in simulated milliseconds; infinite
   * where it fails before.
   */
  readonly visibleAt: number;
  /** Its last sync succeeds. */
  readonly completes: boolean;
}

/** Is told what has become durable, of each group. */
export type OnDurable = (group: GroupId, log: DurableLog) => void;

/** The whole of what a file holds, to be put back later. */
export interface LogFileCopy {
  readonly generation: number;
  readonly logs: ReadonlyMap<GroupId, LogImage>;
  readonly damaged: ReadonlySet<object>;
}

interface LogOnDisk {
  /** What whoever opens the file now finds: the page cache's view. */
  seen: LogImage;
  /** What a power cut certainly leaves. */
  durable: LogImage;
}

/** The log of a machine: what is in its page cache, and what of it is on the disk. It outlives the processes. */
export class LogFile {
  readonly #device: DiskDevice;
  readonly #damage = new Damage();
  readonly #listeners: OnDurable[] = [];
  readonly #healedListeners: OnDurable[] = [];
  #logs = new Map<GroupId, LogOnDisk>();
  /** How many transactions it has had, as a process finds it and as a power cut leaves it. */
  #generation = 0;
  #durableGeneration = 0;
  #underWay: LogTransaction | null = null;
  /** The newest one can be seen and is not on disk for certain, until the first sync of the next. */
  #unsynced: LogTransaction | null = null;
  /** Its last sync failed. Nobody sees it, but the disk may have it, as a power cut would show. */
  #hidden: LogTransaction | null = null;

  constructor(device: DiskDevice) {
    this.#device = device;
  }

  get generation(): number {
    return this.#generation;
  }

  get durableGeneration(): number {
    return this.#durableGeneration;
  }

  onDurable(listener: OnDurable): void {
    this.#listeners.push(listener);
  }

  onHealed(listener: OnDurable): void {
    this.#healedListeners.push(listener);
  }

  seen(group: GroupId): LogImage {
    return this.#log(group).seen;
  }

  durable(group: GroupId): LogImage {
    return this.#log(group).durable;
  }

  isUnderWay(transaction: LogTransaction): boolean {
    return this.#underWay === transaction;
  }

  begin(transaction: LogTransaction): void {
    this.#hidden = null;
    this.#underWay = transaction;
  }

  /** Everything is synced. Listeners hear of it before the process does. */
  complete(transaction: LogTransaction): void {
    const earlier = this.#unsynced;
    this.#settle(transaction);
    this.#lie(transaction);
    for (const listener of this.#listeners) {
      for (const { group, after } of earlier?.changes ?? []) listener(group, after);
      for (const { group, after } of transaction.changes) listener(group, after);
    }
  }

  /**
   * The last sync failed: nobody knows what is on disk. LMDB then writes the old meta page back (`mdb_env_write_meta`), so that the
   * next process sees what was before. A store that does not may see it or not.
   */
  leaveOpen(transaction: LogTransaction): void {
    const { random, profile } = this.#device;
    if (!profile.writesThrough && random.chance(0.5)) return this.#leaveUnsynced(transaction);
    this.abandon(transaction);
    this.#hidden = transaction;
  }

  /** It will not happen. */
  abandon(transaction: LogTransaction): void {
    if (this.#underWay === transaction) this.#underWay = null;
  }

  /** The process is dead: what it had handed to the disk may land, or not. Whoever opens the file next finds out. */
  orphan(): void {
    const transaction = this.#underWay;
    if (transaction === null) return;
    if (transaction.visibleAt === Number.POSITIVE_INFINITY) this.abandon(transaction);
    else if (!transaction.completes) this.leaveOpen(transaction);
    else if (this.#device.random.chance(0.5)) this.abandon(transaction);
    else if (this.#device.profile.writesThrough) this.#settle(transaction);
    else this.#leaveUnsynced(transaction);
  }

  /** Of what is not synced, a random subset of the sectors survives; a transaction whose last one does counts. */
  powerCut(): void {
    const { random, counts, now } = this.#device;
    const transaction = this.#underWay;
    if (transaction !== null) {
      if (now < transaction.visibleAt) this.#loseSectors(transaction);
      else this.#leaveUnsynced(transaction);
    }
    const hidden = this.#hidden;
    this.#hidden = null;
    if (hidden !== null && random.chance(0.5)) return this.#settle(hidden);
    if (this.#unsynced === null) return;
    if (random.chance(0.5)) return this.#synced();
    counts['torn-transaction']++;
    this.#unsynced = null;
    this.#generation = this.#durableGeneration;
    for (const log of this.#logs.values()) log.seen = log.durable;
  }

  /** The highest term that is durable in it. */
  get highestTerm(): Term {
    return Math.max(0, ...[...this.#logs.values()].map(({ durable }) => durable.hardState.term));
  }

  /** It is older than what this member has promised since: every group's member may have lost anything. */
  doubt(highestTerm: Term): void {
    for (const [group, { seen }] of this.#logs) {
      const term = Math.max(seen.hardState.term, highestTerm);
      this.#replace(group, seen, seen.healed(seen.log.lastIndex, { term, vote: null }));
    }
  }

  /**
   * Where an entry is damaged, the log ends before it; where the vote is, it is unknown, and the term is the highest in which anything
   * was promised. In both cases the member has to recover, which is durable before anybody reads it.
   */
  heal(group: GroupId, highestTerm: Term): LogDamage | null {
    const { seen } = this.#log(group);
    if (seen.base !== null && this.#damage.has(seen.base)) this.#corrupted(group, 'the beginning of the log');
    const damaged = seen.firstDamaged();
    const voteLost = this.#damage.has(seen.hardState);
    if (damaged === null && !voteLost) return null;
    this.#device.counts.noticed++;
    // What this process has written since was noted beside the log, too.
    const hardState = voteLost ? { term: Math.max(highestTerm, this.highestTerm), vote: null } : seen.hardState;
    this.#replace(group, seen, seen.healed(damaged === null ? seen.log.lastIndex : damaged - 1, hardState));
    return { index: damaged, reason: `${damaged === null ? 'the hard state' : `entry ${damaged}`} in ${logFile} is damaged` };
  }

  /** It goes on counting behind `generation`: an older file that was noticed is not noticed again. */
  catchUp(generation: number): void {
    this.#generation = this.#durableGeneration = Math.max(this.#generation, generation);
  }

  #replace(group: GroupId, before: LogImage, after: LogImage): void {
    this.#hidden = null;
    this.#settle({ changes: [{ group, before, after }], bytes: 0, visibleAt: 0, completes: true });
    this.#device.counts.healed++;
    for (const listener of this.#healedListeners) listener(group, after);
  }

  /** Throws `log_corrupted`. */
  recover(group: GroupId): Omit<RecoveredLog, 'damage'> {
    const { seen } = this.#log(group);
    const { hardState, base, log } = seen;
    const memberships: PlacedMembership[] = base === null ? [] : [{ index: base.index, membership: base.membership }];
    let lastTime = base?.time ?? 0;
    for (let index = log.snapshotIndex + 1; index <= log.lastIndex; index++) {
      const { kind, payload, time } = this.#intact(group, seen, index);
      if (kind === 'membership') memberships.push({ index, membership: decodeMembership(payload) });
      lastTime = time;
    }
    return { hardState, base, log, lastTime, memberships };
  }

  /** Throws `log_out_of_range` or `log_corrupted`. */
  read(group: GroupId, from: Index, to: Index, bytesMax: number): readonly Entry[] {
    const { seen } = this.#log(group);
    assertInLog(group, from, to, seen.log);
    return readRange(from, to, bytesMax, (index) => this.#intact(group, seen, index));
  }

  /** Every record that lies on the disk, each with the bytes of its payload. */
  *records(): Generator<readonly [record: object, payloadBytes: number]> {
    for (const { seen } of this.#logs.values()) {
      if (seen.hardState.term > 0) yield [seen.hardState, 0];
      if (seen.base !== null) yield [seen.base, 0];
      for (let index = seen.log.snapshotIndex + 1; index <= seen.log.lastIndex; index++) {
        const entry = seen.entry(index);
        if (entry !== undefined) yield [entry, entry.payload.length];
      }
    }
  }

  /** Whether it was intact before. */
  damage(record: object): boolean {
    return this.#damage.add(record);
  }

  copy(): LogFileCopy {
    const logs = new Map([...this.#logs].map(([group, { seen }]) => [group, seen]));
    return { generation: this.#generation, logs, damaged: this.#damage.copy() };
  }

  restore({ generation, logs, damaged }: LogFileCopy): void {
    this.#logs = new Map([...logs].map(([group, image]) => [group, { seen: image, durable: image }]));
    this.#damage.restore(damaged);
    this.#generation = this.#durableGeneration = generation;
    this.#underWay = null;
    this.#unsynced = null;
    this.#hidden = null;
  }

  #log(group: GroupId): LogOnDisk {
    let log = this.#logs.get(group);
    if (log === undefined) {
      const image = LogImage.empty(this.#damage);
      log = { seen: image, durable: image };
      this.#logs.set(group, log);
    }
    return log;
  }

  #see({ changes }: LogTransaction): void {
    this.#underWay = null;
    this.#generation++;
    for (const { group, after } of changes) this.#log(group).seen = after;
  }

  #leaveUnsynced(transaction: LogTransaction): void {
    // Its own pages were synced before, and with them whatever the file had.
    this.#synced();
    this.#see(transaction);
    this.#unsynced = transaction;
  }

  #settle(transaction: LogTransaction): void {
    this.#see(transaction);
    this.#synced();
    for (const { group, after } of transaction.changes) this.#log(group).durable = after;
  }

  #synced(): void {
    this.#durableGeneration = this.#generation;
    if (this.#unsynced === null) return;
    for (const { group, after } of this.#unsynced.changes) this.#log(group).durable = after;
    this.#unsynced = null;
  }

  /** Its pages lie in free space, whatever arrived of them: nothing points to them yet. */
  #loseSectors({ bytes }: LogTransaction): void {
    this.#underWay = null;
    const { random, counts } = this.#device;
    const sectors = Math.ceil(bytes / sectorBytes);
    const surviving = random.integer(0, sectors);
    if (surviving > 0 && surviving < sectors) counts['torn-transaction']++;
  }

  #lie({ changes }: LogTransaction): void {
    const { random, profile, counts } = this.#device;
    if (profile.tornWriteChance === 0 && profile.misdirectedWriteChance === 0) return;
    for (const [fault, chance] of [
      ['torn-write', profile.tornWriteChance],
      ['misdirected-write', profile.misdirectedWriteChance],
    ] as const) {
      if (!random.chance(chance)) continue;
      const written = changes.flatMap(({ before, after }) => after.newRecords(before));
      if (written.length === 0) continue;
      counts[fault]++;
      this.damage(random.pick(written));
      if (fault === 'misdirected-write') this.#damageAny();
    }
  }

  /** What was written is not in its place, and where it is lies something that is no more. */
  #damageAny(): void {
    const { random } = this.#device;
    const { seen } = random.pick([...this.#logs.values()]);
    const { snapshotIndex, lastIndex } = seen.log;
    const victim = lastIndex > snapshotIndex ? seen.entry(random.integer(snapshotIndex + 1, lastIndex)) : undefined;
    if (victim !== undefined) this.damage(victim);
  }

  #intact(group: GroupId, image: LogImage, index: Index): Entry {
    return image.intact(index) ?? this.#corrupted(group, `entry ${index}`);
  }

  #corrupted(group: GroupId, what: string): never {
    this.#device.counts.noticed++;
    throw new StorageError(
      'log_corrupted',
      `group ${group}: ${what} in ${logFile} is damaged or missing`,
      'Do not start this member on this data again, nor with an empty directory: it may have acknowledged what only its log held.',
    );
  }
}
