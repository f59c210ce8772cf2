import { type Entry, foundingMembership, type GroupId, type Index, type LogBase, type Term } from '@flotilla/core';
import type { JournalRecord, LogWrite, StateCommit } from '@flotilla/storage';
import { Random } from './random.ts';

export const workloadIdentity = { clusterId: 'known', memberId: 1 };
export const workloadGroups: readonly GroupId[] = [1, 2];
export const workloadRetention = { recordsMax: 500 };

/** The last entries of a log are never applied, so that a step may cut them off. */
const uncommittedEntries = 6;
/** A step begins the log behind what was committed so many steps earlier. */
const compactionLag = 6;

interface KnownGroup {
  base: LogBase | null;
  /** By index; those before the base stay known, for the journal. */
  readonly terms: Term[];
  committed: Index;
}

/**
 * What one seed makes a store hold, step by step: entries of all sizes, logs that are cut off and begun anew, terms and votes,
 * applied indexes and journals. The step is the term, so that a store tells how far it came.
 */
export class Workload {
  readonly #seed: number;
  readonly #groups = new Map<GroupId, KnownGroup>(workloadGroups.map((group) => [group, { base: null, terms: [0], committed: 0 }]));
  readonly #committed: ReadonlyMap<GroupId, Index>[] = [new Map()];

  constructor(seed: number, steps = 0) {
    this.#seed = seed;
    for (let step = 0; step < steps; step++) this.next();
  }

  get step(): number {
    return this.#committed.length - 1;
  }

  /** The step whose applied indexes have to be on disk before the next step is written: its log may begin behind them. */
  get appliedBefore(): number {
    return Math.max(0, this.step + 1 - compactionLag);
  }

  /** The next step as one write to the log. */
  next(): readonly LogWrite[] {
    const step = this.step + 1;
    const writes = workloadGroups.map((group) => this.#write(group, step, new Random(this.#seed, step, group)));
    this.#committed.push(new Map(workloadGroups.map((group) => [group, this.group(group).committed])));
    return writes;
  }

  group(group: GroupId): Readonly<KnownGroup> {
    return this.#groups.get(group) as KnownGroup;
  }

  /** The last index that is applied once this step is. */
  appliedAt(group: GroupId, step: number): Index {
    return this.#committed[step]?.get(group) ?? 0;
  }

  entry(group: GroupId, index: Index): Entry {
    const term = this.#termOf(group, index);
    return { index, term, time: index, kind: 'command', payload: this.#bytes(group, index, term) };
  }

  /** What applying the steps behind `from` up to `to` commits. */
  commits(from: number, to: number): readonly StateCommit[] {
    return workloadGroups.map((group) => {
      const applied = this.appliedAt(group, to);
      return { group, applied, records: this.journal(group, this.appliedAt(group, from) + 1, applied) };
    });
  }

  /** The records of the entries `from`…`to`; every third entry caused no event. */
  journal(group: GroupId, from: Index, to: Index): JournalRecord[] {
    const records: JournalRecord[] = [];
    for (let index = from; index <= to; index++) {
      const term = this.#termOf(group, index);
      if (index % 3 !== 0) records.push({ index, term, time: index, events: this.#bytes(group, index, term).subarray(0, 120) });
    }
    return records;
  }

  #write(group: GroupId, step: number, random: Random): LogWrite {
    const known = this.#groups.get(group) as KnownGroup;
    const { terms } = known;
    const behind = this.appliedAt(group, step - compactionLag);
    const begins = behind > (known.base?.index ?? 0) && random.chance(0.15);
    if (begins) known.base = { index: behind, term: this.#termOf(group, behind), time: behind, membership: foundingMembership([]) };
    const last = terms.length - 1;
    const cut = last > known.committed && random.chance(0.2) ? last - 1 - random.below(last - known.committed) : null;
    if (cut !== null) terms.length = cut + 1;
    const first = terms.length;
    const count = random.chance(0.06) ? 300 : 1 + random.below(40);
    for (let i = 0; i < count; i++) terms.push(step);
    known.committed = Math.max(known.committed, terms.length - 1 - uncommittedEntries);
    const entries = Array.from({ length: count }, (_, i) => this.entry(group, first + i));
    const hardState = { term: step, vote: step % 4 === 0 ? null : step % 4 };
    return { group, hardState, base: begins ? known.base : null, truncateAfter: cut, entries };
  }

  #termOf(group: GroupId, index: Index): Term {
    return this.group(group).terms[index] ?? 0;
  }

  /** Now and then more than a page of LMDB takes. */
  #bytes(group: GroupId, index: Index, term: Term): Uint8Array {
    const random = new Random(this.#seed, group, index, term);
    const bytes = new Uint8Array(random.chance(0.02) ? 5_000 + random.below(5_000) : random.below(300));
    let value = random.below(2 ** 31);
    for (let i = 0; i < bytes.length; i++) {
      value = (Math.imul(value, 1_103_515_245) + 12_345) >>> 0;
      bytes[i] = value >>> 24;
    }
    return bytes;
  }
}
