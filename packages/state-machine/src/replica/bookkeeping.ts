import { malformed } from '../codec/byte-reader.ts';
import { decodeValue, encodeValue } from '../codec/codec.ts';
import { MemorySpace } from '../space/memory-space.ts';
import type { KeyValue, StateSpace } from '../space/state-space.ts';
import type { ChainPosition } from './digest-chain.ts';
import { Outbox } from './outbox.ts';
import { RecordTable } from './record-table.ts';
import { SessionTable } from './session-table.ts';
import { type ComparisonState, StateComparison } from './state-comparison.ts';
import { TimerQueue } from './timer-queue.ts';
import { VersionRegister } from './version-register.ts';

/** What there is one of in a group. */
interface GroupRecord {
  readonly version: number | null;
  readonly lastEffect: number;
  readonly comparison: ComparisonState;
  readonly chain: ChainPosition;
  readonly changed: boolean;
}

const groupRecordId = 'group';

export interface BookkeepingOptions {
  /** All is in a space, and what has changed is saved there; otherwise everything is saved at once. */
  readonly isInSpace: boolean;
  /** The first revision of the outbox. */
  readonly outboxRevision?: number;
  /** How much replies may take, in bytes. */
  readonly replyBytesMax?: number | undefined;
}

/** What a group keeps beside the state of its machine. It is as much part of the replicated state. */
export class Bookkeeping {
  readonly sessions: SessionTable;
  readonly timers: TimerQueue;
  readonly outbox: Outbox;
  readonly versions: VersionRegister;
  readonly comparison: StateComparison;
  /** Commands were applied since the last comparison of states began. */
  changed = false;
  readonly #group: RecordTable<string, GroupRecord>;

  constructor({ isInSpace, outboxRevision = 0, replyBytesMax }: BookkeepingOptions) {
    this.sessions = new SessionTable(isInSpace, replyBytesMax);
    this.timers = new TimerQueue(isInSpace);
    this.outbox = new Outbox(isInSpace, outboxRevision);
    this.versions = new VersionRegister(isInSpace);
    this.comparison = new StateComparison(isInSpace);
    const format = { write: (record: GroupRecord) => record, read: (_id: string, written: unknown) => written as GroupRecord };
    this.#group = new RecordTable<string, GroupRecord>('group', format, isInSpace);
  }

  /** Reads what was saved. Returns where the chain of digests was; null where nothing was saved yet. */
  load(space: StateSpace): ChainPosition | null {
    this.#group.load(space);
    const group = this.#group.get(groupRecordId);
    if (group === undefined) return null;
    this.sessions.load(space);
    this.timers.load(space);
    this.outbox.load(space, group.lastEffect);
    this.versions.load(space, group.version);
    this.comparison.load(space, group.comparison);
    this.changed = group.changed;
    return group.chain;
  }

  /** Writes what has changed; where changes are not tracked, everything. */
  save(space: StateSpace, chain: ChainPosition): void {
    const { sessions, timers, outbox, versions, comparison, changed } = this;
    this.#group.set(groupRecordId, {
      version: versions.active,
      lastEffect: outbox.lastNumber,
      comparison: comparison.state,
      chain,
      changed,
    });
    for (const records of [this.#group, ...sessions.records, timers.records, outbox.records, versions.records, comparison.records])
      records.save(space);
  }

  /** Everything as bytes. Equal books give equal bytes. Only where changes are not tracked. */
  toBytes(chain: ChainPosition): Uint8Array {
    const space = new MemorySpace();
    this.save(space, chain);
    return encodeValue([...space.range()]);
  }
}

/** The records in what {@link Bookkeeping.toBytes} gave, to be loaded. Throws `malformed_payload` for bytes of something else. */
export function spaceOf(bytes: Uint8Array): StateSpace {
  const pairs = decodeValue(bytes);
  if (!Array.isArray(pairs) || !pairs.every(isPair)) throw malformed('these bytes are no bookkeeping of a group');
  return new MemorySpace(pairs);
}

function isPair(pair: unknown): pair is KeyValue {
  return Array.isArray(pair) && pair.length === 2 && pair.every((part) => part instanceof Uint8Array);
}
