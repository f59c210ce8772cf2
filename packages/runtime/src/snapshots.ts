import type { GroupId, MemberId, Message, RestoreSnapshot, SendChunk, SnapshotInfo, StoreChunk } from '@flotilla/core';
import type { SnapshotPosition, SnapshotStore } from '@flotilla/snapshot';
import { inject, injectable } from 'inversify';
import { FailStop } from './fail-stop.ts';
import type { GroupConfig } from './host-config.ts';
import { Outbox } from './outbox.ts';
import { RuntimeError } from './runtime-error.ts';
import { tokens } from './tokens.ts';

/** What became of a snapshot, for the core. */
export type SnapshotOutcome =
  | { readonly kind: 'snapshot-taken'; readonly snapshot: SnapshotInfo }
  | { readonly kind: 'chunk-stored'; readonly snapshotId: string; readonly offset: number }
  | { readonly kind: 'snapshot-restored'; readonly snapshotId: string; readonly intact: boolean }
  | { readonly kind: 'snapshot-unreadable'; readonly to: MemberId; readonly snapshotId: string };

/** A snapshot, and the machine's state that it is. */
export interface RecoveredSnapshot {
  readonly info: SnapshotInfo;
  readonly state: Uint8Array;
}

/** Carries out what the core decides about snapshots: the bytes, which it never sees. */
@injectable()
export class Snapshots {
  readonly #store: SnapshotStore | null;
  readonly #group: GroupId;
  readonly #outbox: Outbox;
  readonly #failStop: FailStop;
  readonly #underWay = new Set<Promise<void>>();
  #report: (outcome: SnapshotOutcome) => void = () => {};
  #stopped = false;

  constructor(
    @inject(tokens.snapshotStore) store: SnapshotStore | null,
    @inject(tokens.groupConfig) group: GroupConfig,
    @inject(Outbox) outbox: Outbox,
    @inject(FailStop) failStop: FailStop,
  ) {
    this.#store = store;
    this.#group = group.id;
    this.#outbox = outbox;
    this.#failStop = failStop;
  }

  onOutcome(report: (outcome: SnapshotOutcome) => void): void {
    this.#report = report;
  }

  /** The newest snapshot and its state, for a member that starts. */
  async recover(): Promise<RecoveredSnapshot | null> {
    const info = await this.#store?.newest(this.#group);
    return this.#store && info ? { info, state: await this.#store.load(this.#group, info.id) } : null;
  }

  async save(position: SnapshotPosition, state: Uint8Array): Promise<SnapshotInfo> {
    if (!this.#store) throw noStore();
    const snapshot = await this.#store.save(this.#group, position, state);
    this.#report({ kind: 'snapshot-taken', snapshot });
    return snapshot;
  }

  /** Resolves when nothing is being read or stored any more, which nobody hears of from now on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.allSettled(this.#underWay);
  }

  /** Sends a part, once it was read. */
  send({ to, term, snapshot, offset, bytesMax }: SendChunk): void {
    const message = (bytes: Uint8Array): Message => ({ kind: 'snapshot-chunk', term, snapshot, offset, bytes });
    if (offset === snapshot.size) return this.#outbox.add(this.#group, to, message(new Uint8Array(0)));
    this.#carryOut(async (store) => {
      const bytes = await store.read(this.#group, snapshot.id, offset, bytesMax);
      if (bytes === null) return this.#report({ kind: 'snapshot-unreadable', to, snapshotId: snapshot.id });
      this.#outbox.add(this.#group, to, message(bytes));
      this.#outbox.flush();
    });
  }

  receive({ snapshot, offset, bytes }: StoreChunk): void {
    this.#carryOut(async (store) => {
      await store.receive(this.#group, snapshot, offset, bytes);
      this.#report({ kind: 'chunk-stored', snapshotId: snapshot.id, offset: offset + bytes.length });
    });
  }

  /** Checks a snapshot that is all here, and hands its state to `apply`. */
  restore({ snapshot }: RestoreSnapshot, apply: (state: Uint8Array) => void): void {
    const report = (intact: boolean) => this.#report({ kind: 'snapshot-restored', snapshotId: snapshot.id, intact });
    // A witness has nothing to restore.
    if (snapshot.size === 0) return report(true);
    this.#carryOut(async (store) => {
      const intact = await store.complete(this.#group, snapshot);
      if (intact) apply(await store.load(this.#group, snapshot.id));
      report(intact);
    });
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
