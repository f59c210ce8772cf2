import type { Index, MemberId, SnapshotInfo, Term } from '@flotilla/core';
import type { RaftTransition } from '@flotilla/runtime';
import type { Invariant } from '../../src/watch/invariant.ts';
import type { AppliedEntries } from '../../src/watch/observer.ts';

/** Where a command stands in the log of the leader that took it. */
export interface Position {
  readonly index: Index;
  readonly term: Term;
}

export interface ServiceLayerParts {
  readonly serialIn: (payload: Uint8Array) => number | null;
  /** So many bytes of commands are applied between two snapshots; infinite for none. */
  readonly snapshotBytes: number;
  readonly takeSnapshot: (member: MemberId) => void;
}

/**
 * What the course has between Raft and its tests: knows where commands were put and how far each server has applied, and takes
 * snapshots when a log gets long.
 */
export class ServiceLayer implements Invariant {
  readonly name = 'service-layer';
  readonly source = 'MIT 6.5840, the configuration of its tests';
  readonly #parts: ServiceLayerParts;
  readonly #waiting = new Map<MemberId, Map<number, (position: Position | null) => void>>();
  readonly #applied = new Map<MemberId, Index>();
  readonly #unsnapped = new Map<MemberId, number>();
  /** Snapshots that a running member was sent by its leader. */
  installed = 0;

  constructor(parts: ServiceLayerParts) {
    this.#parts = parts;
  }

  /** How far the server has applied in its present life; 0 where it does not run. */
  applied(member: MemberId): Index {
    return this.#applied.get(member) ?? 0;
  }

  /** Resolves with where `member`, which leads, puts the command with this serial, or with null once it does so no more. */
  placed(member: MemberId, serial: number): { readonly position: Promise<Position | null>; readonly refuse: () => void } {
    const waiting = this.#waiting.get(member) ?? new Map<number, (position: Position | null) => void>();
    this.#waiting.set(member, waiting);
    const position = new Promise<Position | null>((resolve) => waiting.set(serial, resolve));
    return { position, refuse: () => this.#place(member, serial, null) };
  }

  onStep(member: MemberId, { before, events }: RaftTransition): void {
    const waiting = this.#waiting.get(member);
    for (const event of events) if (event.kind === 'snapshot-installed') this.installed++;
    if (waiting === undefined || waiting.size === 0 || before.role.kind !== 'leader') return;
    for (const event of events) {
      if (event.kind !== 'entries-appended') continue;
      for (const { kind, payload, index, term } of event.entries) {
        const serial = kind === 'command' ? this.#parts.serialIn(payload) : null;
        if (serial !== null) this.#place(member, serial, { index, term });
      }
    }
  }

  onApplied(member: MemberId, { requests }: AppliedEntries): void {
    const last = requests.at(-1);
    if (last === undefined) return;
    this.#applied.set(member, last.index);
    const { snapshotBytes, takeSnapshot } = this.#parts;
    if (snapshotBytes === Number.POSITIVE_INFINITY) return;
    let bytes = this.#unsnapped.get(member) ?? 0;
    for (const { payload } of requests) bytes += payload.length;
    if (bytes >= snapshotBytes) {
      bytes = 0;
      takeSnapshot(member);
    }
    this.#unsnapped.set(member, bytes);
  }

  onRestored(member: MemberId, snapshot: SnapshotInfo | null): void {
    if (snapshot !== null) this.#applied.set(member, snapshot.index);
    this.#unsnapped.set(member, 0);
  }

  onEnded(member: MemberId): void {
    this.#applied.delete(member);
    this.#unsnapped.delete(member);
    for (const serial of [...(this.#waiting.get(member)?.keys() ?? [])]) this.#place(member, serial, null);
  }

  #place(member: MemberId, serial: number, position: Position | null): void {
    const waiting = this.#waiting.get(member);
    waiting?.get(serial)?.(position);
    waiting?.delete(serial);
  }
}
