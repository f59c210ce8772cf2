import { type GroupId, type Index, invariant } from '@flotilla/core';
import {
  binaryKey,
  bytesOfKey,
  type KeyRange,
  type KeyValue,
  OrderedMap,
  type StateReader,
  type StateSpace,
} from '@flotilla/state-machine';
import {
  assertServes,
  exceeds,
  firstAtOrBehind,
  type JournalRecord,
  type JournalRetention,
  LayeredSpace,
  newRecords,
  SpaceLayer,
  type StateCommit,
  type StateStore,
  type StateView,
  type StorageError,
  takeRecords,
  viewOf,
} from '@flotilla/storage';
import type { SimProcess } from '../process/sim-process.ts';
import { type DiskDevice, sectorBytes, storageClosed, storageFailed } from './disk-device.ts';
import { type StateChanges, type StateFile, type StateImage, type StateWriter, stateFile } from './state-file.ts';

/** So many records that retention gave up may stay in memory: letting them go costs a copy of the rest. */
const staleRecordsMax = 1024;

/** A group's state as this process has it. */
interface GroupState {
  applied: Index;
  readonly extent: { start: Index; records: number; bytes: number };
  /** The last `extent.records` are the journal. */
  records: JournalRecord[];
  readonly staged: SpaceLayer;
  /** What is committed, by binary key. */
  pairs: OrderedMap<Uint8Array>;
  /** What of it was not handed to the disk yet. */
  change: { readonly pairs: Map<string, Uint8Array | null>; readonly replaces: boolean };
}

/**
 * A {@link StateStore} on a simulated disk, written behind, as one process has it: a commit resolves when memory has it.
 *
 * The transactions have no timers of their own: the one that was due by now is begun when the next commit comes, as of the
 * moment when it was due. Nothing can tell the difference, for nothing was committed in between.
 */
export class SimStateStore implements StateStore, StateWriter {
  readonly #process: SimProcess;
  readonly #device: DiskDevice;
  readonly #file: StateFile;
  readonly #retention: JournalRetention;
  readonly #groups = new Map<GroupId, GroupState>();
  readonly #dirty = new Map<GroupId, GroupState>();
  /** When what is dirty begins to be written, in simulated milliseconds; infinite where nothing is. */
  #flushAt = Number.POSITIVE_INFINITY;
  #unwrittenBytes = 0;
  #failure: StorageError | null = null;
  #closing: Promise<void> | null = null;

  constructor(process: SimProcess, device: DiskDevice, file: StateFile, retention: JournalRetention) {
    this.#process = process;
    this.#device = device;
    this.#file = file;
    this.#retention = retention;
  }

  applied(group: GroupId): Index {
    return this.#state(group).applied;
  }

  async commit(commits: readonly StateCommit[]): Promise<void> {
    this.#assertUsable();
    if (!this.#process.alive) return;
    this.writeDue();
    this.#assertUsable();
    // Two passes, so that a commit that breaks the contract leaves nothing of its neighbours behind.
    for (const commit of commits) newRecords(commit, this.#state(commit.group).applied);
    for (const commit of commits) this.#apply(commit, this.#state(commit.group));
    if (this.#flushAt === Number.POSITIVE_INFINITY) this.#flushAt = this.#device.now + this.#device.profile.stateFlushDelayMs;
  }

  space(group: GroupId): StateSpace {
    const committed: StateReader = {
      get: (key) => this.#reader(group, this.#state(group).pairs).get(key),
      range: (range) => this.#reader(group, this.#state(group).pairs).range(range),
    };
    return new LayeredSpace(() => [this.#state(group).staged], committed);
  }

  stagedBytes(group: GroupId): number {
    return this.#state(group).staged.bytes;
  }

  async view(group: GroupId): Promise<StateView> {
    const { applied, pairs } = this.#state(group);
    const copy = new OrderedMap<Uint8Array>();
    for (const [key, value] of pairs.entries()) copy.set(key, value);
    return viewOf(applied, this.#reader(group, copy));
  }

  async install(group: GroupId, applied: Index, pairs: AsyncIterable<readonly KeyValue[]>): Promise<void> {
    const installed = new OrderedMap<Uint8Array>();
    for await (const some of pairs) for (const [key, value] of some) installed.set(binaryKey(key), new Uint8Array(value));
    const state = this.#state(group);
    invariant(applied >= state.applied, `group ${group}: a state of ${applied} is installed behind the applied index ${state.applied}`);
    if (!this.#process.alive) return;
    state.applied = applied;
    state.records = [];
    Object.assign(state.extent, { start: applied + 1, records: 0, bytes: 0 });
    state.staged.clear();
    state.pairs = installed;
    state.change = { pairs: new Map(installed.entries()), replaces: true };
    for (const value of state.change.pairs.values()) this.#unwrittenBytes += (value?.length ?? 0) + sectorBytes;
    this.#dirty.set(group, state);
    await this.#writeAll();
  }

  #reader(group: GroupId, pairs: OrderedMap<Uint8Array>): StateReader {
    const intact = (value: Uint8Array) => this.#file.intactValue(group, value);
    return {
      get(key) {
        const value = pairs.get(binaryKey(key));
        return value && intact(value);
      },
      *range({ start, end, reverse }: KeyRange = {}) {
        const range = { start: start && binaryKey(start), end: end && binaryKey(end), reverse };
        for (const [key, value] of pairs.range(range)) yield [bytesOfKey(key), intact(value)] as const;
      },
    };
  }

  journalStart(group: GroupId): Index {
    return this.#state(group).extent.start;
  }

  journal(group: GroupId, from: Index, recordsMax: number, bytesMax?: number): readonly JournalRecord[] {
    const { extent, records } = this.#state(group);
    assertServes(group, extent.start, from);
    const first = firstAtOrBehind(records, from);
    return this.#file.intact(group, takeRecords(records.slice(first, first + recordsMax), recordsMax, bytesMax));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  writeDue(): void {
    if (this.#flushAt > this.#device.now) return;
    // Nobody knows whether a process that is dead by now lived until then.
    if (!this.#process.alive && this.#device.random.chance(0.5)) return;
    const { busyUntil } = this.#file;
    // One transaction at a time: this one begins when the one under way ends.
    if (busyUntil !== null) this.#flushAt = Math.max(this.#flushAt, busyUntil);
    else this.#write(this.#flushAt);
  }

  /** Its process has lost the disk: nothing that it asks for from now on happens. */
  detach(): void {
    if (this.#dirty.size > 0) this.#device.counts['state-rewound']++;
    this.#dirty.clear();
    this.#flushAt = Number.POSITIVE_INFINITY;
    this.#failure ??= storageFailed(stateFile, 'the power is off');
  }

  async #close(): Promise<void> {
    if (this.#failure === null && this.#dirty.size > 0) await this.#writeAll();
  }

  /** Resolves when everything that is dirty is on the disk, unless that failed. */
  async #writeAll(): Promise<void> {
    while (this.#file.busyUntil !== null) await this.#reached(this.#file.busyUntil);
    if (this.#failure === null) await this.#reached(this.#write(this.#device.now));
  }

  #reached(at: number): Promise<void> {
    return new Promise((resolve) => this.#device.complete(at, () => this.#process.enter(resolve)));
  }

  #state(group: GroupId): GroupState {
    this.#assertUsable();
    let state = this.#groups.get(group);
    if (state === undefined) {
      const { applied, extent, records, end } = this.#file.state(group);
      const own = records.length === end ? records : records.slice(end - extent.records, end);
      const pairs = new OrderedMap<Uint8Array>();
      for (const [key, value] of this.#file.space(group)) pairs.set(key, value);
      state = { applied, extent: { ...extent }, records: own, staged: new SpaceLayer(), pairs, change: unchanged() };
      this.#groups.set(group, state);
    }
    return state;
  }

  #apply(commit: StateCommit, state: GroupState): void {
    const { extent } = state;
    if (commit.skipsTo !== undefined && commit.skipsTo > state.applied) {
      state.records = [];
      extent.start = commit.skipsTo + 1;
      extent.records = extent.bytes = 0;
    }
    for (const { index, term, time, events } of newRecords(commit, state.applied)) {
      state.records.push({ index, term, time, events: this.#device.payloads.copy(events) });
      extent.records++;
      extent.bytes += events.length;
      this.#unwrittenBytes += events.length + sectorBytes;
    }
    state.applied = Math.max(state.applied, commit.applied);
    this.#dirty.set(commit.group, state);
    this.#trim(state);
    this.#unstage(state);
  }

  #unstage({ staged, pairs, change }: GroupState): void {
    for (const [key, value] of staged.entries()) {
      if (value === null) pairs.delete(key);
      else pairs.set(key, value);
      change.pairs.set(key, value);
      this.#unwrittenBytes += (value?.length ?? 0) + sectorBytes;
    }
    staged.clear();
  }

  #trim(state: GroupState): void {
    const { extent, records } = state;
    const newestTime = records.at(-1)?.time ?? 0;
    for (let i = records.length - extent.records; i < records.length; i++) {
      const oldest = records[i] as JournalRecord;
      if (!exceeds(extent, this.#retention, oldest.time, newestTime)) break;
      extent.start = oldest.index + 1;
      extent.records--;
      extent.bytes -= oldest.events.length;
    }
    const stale = records.length - extent.records;
    if (stale > Math.max(staleRecordsMax, extent.records)) state.records = records.slice(stale);
  }

  /** Hands everything that is dirty to the disk; returns when it is there, in simulated milliseconds. */
  #write(begunAt: number): number {
    const bytes = this.#unwrittenBytes + this.#dirty.size * sectorBytes;
    const changes: StateChanges = new Map([...this.#dirty].map(([group, state]) => [group, imageOf(state)]));
    for (const state of this.#dirty.values()) state.change = unchanged();
    this.#dirty.clear();
    this.#flushAt = Number.POSITIVE_INFINITY;
    this.#unwrittenBytes = 0;
    const { profile } = this.#device;
    try {
      this.#device.takeRoom(stateFile, bytes);
      for (const [fault, chance] of [
        ['write-error', profile.writeErrorChance],
        ['sync-error', profile.syncErrorChance],
      ] as const) {
        if (this.#device.happens(fault, chance)) throw storageFailed(stateFile, 'input/output error');
      }
    } catch (error) {
      this.#failure = error as StorageError;
      return begunAt;
    }
    return this.#file.write(begunAt, changes);
  }

  #assertUsable(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#closing !== null) throw storageClosed(stateFile);
  }
}

function imageOf({ applied, extent, records, change }: GroupState): StateImage {
  return { applied, extent: { ...extent }, records, end: records.length, space: change };
}

function unchanged(): GroupState['change'] {
  return { pairs: new Map(), replaces: false };
}
