import { crc32 } from 'node:zlib';
import {
  type GroupId,
  interruptedInstall,
  type LogShape,
  type MemberId,
  type Message,
  type RestoreSnapshot,
  type SendChunk,
  type SnapshotInfo,
  type StoreChunk,
} from '@flotilla/core';
import { isSnapshotLost, isSnapshotNoRoom, type SnapshotPosition, type SnapshotStore } from '@flotilla/snapshot';
import { inject, injectable } from 'inversify';
import { ApplyLoop } from './apply-loop.ts';
import { FailStop } from './fail-stop.ts';
import type { GroupConfig } from './host-config.ts';
import type { MachineState } from './machine-state.ts';
import { Outbox } from './outbox.ts';
import type { Logger, Scheduler } from './ports.ts';
import { RuntimeError } from './runtime-error.ts';
import { SnapshotPace } from './snapshot-pace.ts';
import { tokens } from './tokens.ts';

/** What became of a snapshot, for the core. */
export type SnapshotOutcome =
  | { readonly kind: 'snapshot-taken'; readonly snapshot: SnapshotInfo }
  | { readonly kind: 'chunk-stored'; readonly snapshotId: string; readonly offset: number }
  | { readonly kind: 'snapshot-restored'; readonly snapshotId: string; readonly intact: boolean }
  | { readonly kind: 'snapshot-unreadable'; readonly to: MemberId; readonly snapshotId: string };

/** Carries out what the core decides about snapshots: the bytes, which it never sees. */
@injectable()
export class Snapshots {
  readonly #store: SnapshotStore | null;
  readonly #group: GroupId;
  readonly #machineState: MachineState;
  readonly #applyLoop: ApplyLoop;
  readonly #outbox: Outbox;
  readonly #failStop: FailStop;
  readonly #logger: Logger;
  readonly #pace: SnapshotPace;
  readonly #scheduler: Scheduler;
  readonly #underWay = new Set<Promise<void>>();
  /** Parts that wait for their share of the rate: the one that each peer needs next. */
  readonly #waiting = new Map<MemberId, SendChunk>();
  #report: (outcome: SnapshotOutcome) => void = () => {};
  #onUnreadable: (snapshot: SnapshotInfo) => void = () => {};
  #stopped = false;

  constructor(
    @inject(tokens.snapshotStore) store: SnapshotStore | null,
    @inject(tokens.groupConfig) group: GroupConfig,
    @inject(tokens.machineState) machineState: MachineState,
    @inject(ApplyLoop) applyLoop: ApplyLoop,
    @inject(Outbox) outbox: Outbox,
    @inject(FailStop) failStop: FailStop,
    @inject(SnapshotPace) pace: SnapshotPace,
    @inject(tokens.scheduler) scheduler: Scheduler,
    @inject(tokens.logger) logger: Logger,
  ) {
    this.#store = store;
    this.#group = group.id;
    this.#machineState = machineState;
    this.#applyLoop = applyLoop;
    this.#outbox = outbox;
    this.#failStop = failStop;
    this.#pace = pace;
    this.#scheduler = scheduler;
    this.#logger = logger;
  }

  /** Whether there is a place for them. */
  get areKept(): boolean {
    return this.#store !== null;
  }

  onOutcome(report: (outcome: SnapshotOutcome) => void): void {
    this.#report = report;
  }

  /** Calls `listener` when a snapshot that is to be sent is not there, or not intact. */
  onUnreadable(listener: (snapshot: SnapshotInfo) => void): void {
    this.#onUnreadable = listener;
  }

  /**
   * For a member that starts: the machine takes the state of the newest snapshot that is intact, unless it has recovered one by
   * itself that `log` goes on from. Returns that snapshot; null where none is needed. Throws `snapshot_damaged` or
   * `snapshot_missing` where there is none that `log` goes on from.
   */
  async recover(log: LogShape): Promise<SnapshotInfo | null> {
    if (this.#store === null) return null;
    let lost: unknown = null;
    for (let triedIndex = Number.POSITIVE_INFINITY; ; ) {
      const snapshot = await this.#store.newest(this.#group);
      if (snapshot === null || snapshot.index >= triedIndex || snapshot.index < log.snapshotIndex) break;
      if (this.#isSpared(snapshot, log)) return snapshot;
      try {
        await this.#applyLoop.restore(snapshot, this.#store.load(this.#group, snapshot.id));
        return snapshot;
      } catch (error) {
        if (!isSnapshotLost(error)) throw error;
        const { id, index } = snapshot;
        this.#logger.warn({ group: this.#group, id, index, err: error }, 'a snapshot cannot be used: looking for an older one');
        lost ??= error;
        triedIndex = index;
      }
    }
    if (lost !== null && this.#machineState.recoveredIndex < log.snapshotIndex) throw lost;
    return null;
  }

  /** What the machine has, with the log behind it, is as good as this snapshot, and the journal stays without a gap. */
  #isSpared(snapshot: SnapshotInfo, log: LogShape): boolean {
    const { recoveredIndex } = this.#machineState;
    if (recoveredIndex >= snapshot.index) return true;
    return recoveredIndex > 0 && recoveredIndex >= log.snapshotIndex && interruptedInstall(log, snapshot) === null;
  }

  /** Stores a state. Rejects with `no_snapshot_store` where there is no place for it. */
  async save(position: SnapshotPosition, parts: AsyncIterable<Uint8Array>): Promise<SnapshotInfo> {
    if (!this.#store) throw noStore();
    const snapshot = await this.#store.save(this.#group, position, parts);
    this.#report({ kind: 'snapshot-taken', snapshot });
    return snapshot;
  }

  /** The bytes of a snapshot that is stored here. Rejects with `no_snapshot_store` where none are kept. */
  async *load(id: string): AsyncGenerator<Uint8Array, void, void> {
    if (!this.#store) throw noStore();
    yield* this.#store.load(this.#group, id);
  }

  /** Gives up what is being restored; resolves when nothing is being read or stored any more, which nobody hears of from now on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#underWay);
  }

  /** Sends a part, when the rate allows it. Where one waits for that already, the core knows better by now what is needed. */
  send(part: SendChunk): void {
    const isWaiting = this.#waiting.has(part.to);
    const bytesMax = this.#pace.partBytesMax(part.bytesMax);
    if (isWaiting) return void this.#waiting.set(part.to, { ...part, bytesMax });
    const delayMs = this.#pace.send(Math.min(bytesMax, part.snapshot.size - part.offset));
    if (delayMs === 0) return this.#sendNow({ ...part, bytesMax });
    this.#waiting.set(part.to, { ...part, bytesMax });
    this.#scheduler.after(delayMs, () => {
      const next = this.#waiting.get(part.to);
      this.#waiting.delete(part.to);
      if (next !== undefined) this.#sendNow(next);
    });
  }

  #sendNow({ to, term, snapshot, offset, bytesMax }: SendChunk): void {
    const message = (bytes: Uint8Array): Message => ({ kind: 'snapshot-chunk', term, snapshot, offset, bytes, checksum: crc32(bytes) });
    if (offset === snapshot.size) return this.#outbox.add(this.#group, to, message(new Uint8Array(0)));
    this.#carryOut(async (store) => {
      const bytes = await store.read(this.#group, snapshot.id, offset, bytesMax);
      if (bytes === null) {
        this.#report({ kind: 'snapshot-unreadable', to, snapshotId: snapshot.id });
        return this.#onUnreadable(snapshot);
      }
      this.#outbox.add(this.#group, to, message(bytes));
      this.#outbox.flush();
    });
  }

  /** A part that was damaged on its way is not stored: the core asks for it again. */
  receive({ snapshot, offset, bytes, checksum }: StoreChunk): void {
    if (crc32(bytes) !== checksum) {
      this.#logger.warn({ group: this.#group, id: snapshot.id, offset }, 'a part of a snapshot arrived damaged');
      return this.#report({ kind: 'chunk-stored', snapshotId: snapshot.id, offset });
    }
    this.#carryOut(async (store) => {
      const stored = await this.#fits(() => store.receive(this.#group, snapshot, offset, bytes));
      this.#report({ kind: 'chunk-stored', snapshotId: snapshot.id, offset: stored ? offset + bytes.length : 0 });
    });
  }

  /** Checks a snapshot that is all here, and gives its state to the machine; a witness has none, and nothing to check. */
  restore({ snapshot }: RestoreSnapshot, witness: boolean): void {
    const report = (intact: boolean) => this.#report({ kind: 'snapshot-restored', snapshotId: snapshot.id, intact });
    if (witness) return report(true);
    this.#carryOut(async (store) => {
      const intact = await this.#fits(async () => {
        // A state without a byte came in no part.
        if (snapshot.size === 0) await store.receive(this.#group, snapshot, 0, new Uint8Array(0));
        return store.complete(this.#group, snapshot);
      });
      if (intact) await this.#applyLoop.restore(snapshot, this.#untilStopped(store.load(this.#group, snapshot.id)));
      report(intact);
    });
  }

  /** Nobody waits at the stop for all of a large state: what is there of it counts for nothing, and the next start takes it again. */
  async *#untilStopped(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
    for await (const part of parts) {
      if (this.#stopped) throw new RuntimeError('stopped', 'not-applied', 'the host stops', 'Start it again: it goes on from there.');
      yield part;
    }
  }

  /** False also where the disk is full: what was received is thrown away then, and asked for again until there is room. */
  async #fits(store: () => Promise<unknown>): Promise<boolean> {
    try {
      return (await store()) !== false;
    } catch (error) {
      if (!isSnapshotNoRoom(error)) throw error;
      this.#logger.warn({ group: this.#group, err: error }, 'there is no room for the snapshot that a leader sends');
      return false;
    }
  }

  /** A store that fails is a disk that fails; and a member that needs a snapshot and cannot keep one does not get on. */
  #carryOut(work: (store: SnapshotStore) => Promise<void>): void {
    if (this.#stopped || this.#failStop.tripped) return;
    if (this.#store === null) return this.#failStop.trip(noStore());
    const done = work(this.#store)
      .catch((error: unknown) => {
        if (!this.#stopped) this.#failStop.trip(error);
      })
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
  }
}

function noStore(): RuntimeError {
  const hint = 'Bind a snapshot store when composing the host.';
  return new RuntimeError('no_snapshot_store', 'not-applied', 'this host keeps no snapshots', hint);
}
