import type { GroupId, Index } from '@flotilla/core';
import { emptyExtent, type JournalExtent, type JournalRecord, StorageError } from '@flotilla/storage';
import { Damage } from './damage.ts';
import type { DiskDevice } from './disk-device.ts';

export const stateFile = 'state.mdb';

/** A group's derived state as of one transaction; it never changes. */
export interface StateImage {
  readonly applied: Index;
  readonly extent: JournalExtent;
  /** The last `extent.records` of those before `end` are the journal; there may be others on both sides. */
  readonly records: JournalRecord[];
  readonly end: number;
  /** What the transaction changed in the space. */
  readonly space: SpaceChange;
}

/** By binary key; null for what was deleted. */
export interface SpaceChange {
  readonly pairs: ReadonlyMap<string, Uint8Array | null>;
  /** They are all there is. */
  readonly replaces: boolean;
}

const noChange: SpaceChange = { pairs: new Map(), replaces: false };
const noPairs: ReadonlyMap<string, Uint8Array> = new Map();

export type StateChanges = ReadonlyMap<GroupId, StateImage>;

/** What a process has in memory and not written yet. */
export interface StateWriter {
  /** Begins to write what is due by now. */
  writeDue(): void;
}

export interface StateFileCopy {
  readonly states: StateChanges;
  readonly spaces: ReadonlyMap<GroupId, ReadonlyMap<string, Uint8Array>>;
  readonly damaged: ReadonlySet<object>;
}

const emptyState: StateImage = { applied: 0, extent: emptyExtent, records: [], end: 0, space: noChange };

/**
 * The derived state of a machine: as of the last transaction that is certain, and what may become of the one under way.
 *
 * Nobody is told when a transaction ends, so there is no event for it: it is looked at when somebody asks.
 */
export class StateFile {
  readonly #device: DiskDevice;
  readonly #damage = new Damage();
  #states = new Map<GroupId, StateImage>();
  /** By binary key. Values never change, and are told apart by what they are. */
  #spaces = new Map<GroupId, Map<string, Uint8Array>>();
  #writer: StateWriter | null = null;
  #underWay: { readonly endsAt: number; readonly changes: StateChanges } | null = null;

  constructor(device: DiskDevice) {
    this.#device = device;
  }

  /** Who has the file from now on, or nobody. What the last one left is settled first: it may have landed, or not. */
  giveTo(writer: StateWriter | null): void {
    this.#writer?.writeDue();
    this.#land();
    if (this.#underWay !== null) {
      if (this.#device.random.chance(0.5)) this.#apply(this.#underWay.changes);
      else this.#device.counts['state-rewound']++;
      this.#underWay = null;
    }
    this.#writer = writer;
  }

  /** When the transaction under way ends, in simulated milliseconds; null where there is none. */
  get busyUntil(): number | null {
    this.#land();
    return this.#underWay?.endsAt ?? null;
  }

  /** Begins a transaction; the one before has ended. Returns when this one does. */
  write(begunAt: number, changes: StateChanges): number {
    const device = this.#device;
    const begin = Math.max(begunAt, device.profile.stalledUntil);
    const endsAt = begin + device.writeMs() + device.syncMs() + device.writeMs() + device.syncMs();
    this.#underWay = { endsAt, changes };
    return endsAt;
  }

  /** Throws `state_corrupted`, as reading the journal does. */
  state(group: GroupId): StateImage {
    const image = this.#states.get(group) ?? emptyState;
    if (this.#damage.has(image)) this.#corrupted(group, 'the applied index or journal');
    return image;
  }

  /** The group's space as of the same transaction. */
  space(group: GroupId): ReadonlyMap<string, Uint8Array> {
    return this.#spaces.get(group) ?? noPairs;
  }

  /** A value of a space that is not damaged. Throws `state_corrupted`. */
  intactValue(group: GroupId, value: Uint8Array): Uint8Array {
    if (!this.#damage.none && this.#damage.has(value)) this.#corrupted(group, 'a pair of the space');
    return value;
  }

  /** `records`, none of which is damaged. Throws `state_corrupted`. */
  intact(group: GroupId, records: readonly JournalRecord[]): readonly JournalRecord[] {
    if (this.#damage.none) return records;
    for (const record of records) if (this.#damage.has(record)) this.#corrupted(group, `journal record ${record.index}`);
    return records;
  }

  /** Every record that lies on the disk, each with the bytes of its payload. */
  *records(): Generator<readonly [record: object, payloadBytes: number]> {
    this.#land();
    for (const image of this.#states.values()) {
      yield [image, 0];
      for (let i = image.end - image.extent.records; i < image.end; i++) {
        const record = image.records[i];
        if (record !== undefined) yield [record, record.events.length];
      }
    }
    for (const space of this.#spaces.values()) for (const value of space.values()) yield [value, value.length];
  }

  /** Whether it was intact before. */
  damage(record: object): boolean {
    return this.#damage.add(record);
  }

  copy(): StateFileCopy {
    this.#land();
    const spaces = new Map(Array.from(this.#spaces, ([group, space]) => [group, new Map(space)]));
    return { states: new Map(this.#states), spaces, damaged: this.#damage.copy() };
  }

  restore({ states, spaces, damaged }: StateFileCopy): void {
    this.#states = new Map(states);
    this.#spaces = new Map(Array.from(spaces, ([group, space]) => [group, new Map(space)]));
    this.#damage.restore(damaged);
    this.#underWay = null;
  }

  #land(): void {
    if (this.#underWay === null || this.#device.stalled || this.#underWay.endsAt > this.#device.now) return;
    this.#apply(this.#underWay.changes);
    this.#underWay = null;
  }

  #apply(changes: StateChanges): void {
    for (const [group, image] of changes) {
      this.#states.set(group, image);
      const space = (image.space.replaces ? undefined : this.#spaces.get(group)) ?? new Map<string, Uint8Array>();
      for (const [key, value] of image.space.pairs) {
        if (value === null) space.delete(key);
        else space.set(key, value);
      }
      this.#spaces.set(group, space);
    }
  }

  #corrupted(group: GroupId, what: string): never {
    this.#device.counts.noticed++;
    throw new StorageError(
      'state_corrupted',
      `group ${group}: ${what} in ${stateFile} is damaged`,
      `Stop this member and remove ${stateFile}: the newest snapshot and the log rebuild it when the member starts again.`,
    );
  }
}
