import type { Index, MemberId, SnapshotInfo } from '@flotilla/core';
import { appliedCommands } from '../watch/applied-commands.ts';
import type { AppliedEntries, Observer } from '../watch/observer.ts';
import { Violation } from '../watch/violation.ts';
import type { OracleAnswer, OracleCall } from './oracle-call.ts';
import { describeSerial, type Serial } from './serial.ts';
import { WriteLedger } from './write-ledger.ts';

export interface OracleOptions {
  /** The serial in an encoded command; null for one that no client sent. Called once for each that a machine has decided. */
  readonly serialIn: (command: Uint8Array) => Serial | null;
  /** Who must have everything that was acknowledged once a run has converged. Everybody who runs, where it is absent. */
  readonly members?: () => Iterable<MemberId>;
}

/** A read that is under way, and what it must see at least. */
interface OpenRead {
  readonly least: Index;
}

/**
 * Holds what clients are told against what the machines apply, at once: nothing is applied that nobody sent, nothing twice,
 * nothing that its client was told is not; everything that was acknowledged is in the log where it was said to be; a write that
 * began after another was acknowledged comes after it; and a linearizable read sees everything that any client knew of before it
 * began, whether by a write or by another such read.
 *
 * It knows serials and log indexes, and nothing of what the machine does: whether the values that reads give are right, a
 * checker of the history says. Feed it from the driver of the workload, and let it watch the run like an invariant.
 */
export class Oracle implements Observer {
  readonly #serialIn: (command: Uint8Array) => Serial | null;
  readonly #members: (() => Iterable<MemberId>) | null;
  readonly #writes = new WriteLedger();
  /** Only those that are to be linearizable. */
  readonly #reads = new Map<Serial, OpenRead>();
  /** How far each machine that runs has come. */
  readonly #positions = new Map<MemberId, Index>();
  /** The last entry that any machine has applied. */
  #applied: Index = 0;
  /** The highest index that any client knows of. */
  #acknowledged: Index = 0;
  /** Of a write. */
  #acknowledgedWrite: Index = 0;

  constructor({ serialIn, members }: OracleOptions) {
    this.#serialIn = serialIn;
    this.#members = members ?? null;
  }

  /** The highest index that any client knows of. */
  get acknowledgedIndex(): Index {
    return this.#acknowledged;
  }

  /** How many calls it remembers: those under way, and those of unknown outcome. */
  get openCalls(): number {
    return this.#writes.size + this.#reads.size;
  }

  /** A call is about to leave its client. */
  invoked({ serial, kind, consistency }: OracleCall): void {
    if (kind === 'write') this.#writes.invoked(serial, this.#acknowledged);
    else if (consistency !== 'stale') this.#reads.set(serial, { least: this.#acknowledged });
  }

  /** What its client was told, or concluded. */
  answered({ serial, kind }: Pick<OracleCall, 'serial' | 'kind'>, answer: OracleAnswer): void {
    if (kind === 'read') return this.#readAnswered(serial, answer);
    const index = this.#writes.answered(serial, answer);
    this.#acknowledged = Math.max(this.#acknowledged, index);
    this.#acknowledgedWrite = Math.max(this.#acknowledgedWrite, index);
  }

  onApplied(member: MemberId, entries: AppliedEntries): void {
    const last = entries.requests.at(-1);
    if (last === undefined) return;
    this.#positions.set(member, last.index);
    // Whoever applies it later applies the same: state machine safety.
    if (last.index <= this.#applied) return;
    for (const { index, command } of appliedCommands(entries, this.#applied)) {
      const serial = this.#serialIn(command);
      if (serial !== null) this.#writes.applied(serial, index);
    }
    this.#applied = last.index;
  }

  onRestored(member: MemberId, snapshot: SnapshotInfo | null): void {
    if (snapshot !== null) this.#positions.set(member, snapshot.index);
  }

  onEnded(member: MemberId): void {
    this.#positions.delete(member);
  }

  onConverged(): void {
    this.#writes.converged();
    for (const member of this.#members?.() ?? this.#positions.keys()) {
      const position = this.#positions.get(member) ?? 0;
      if (position < this.#acknowledgedWrite)
        throw new Violation(
          'no-lost-writes',
          `everything has converged; the write at ${this.#acknowledgedWrite} was acknowledged, and member ${member} has applied ${position}`,
        );
    }
  }

  #readAnswered(serial: Serial, answer: OracleAnswer): void {
    const read = this.#reads.get(serial);
    if (read === undefined) return;
    this.#reads.delete(serial);
    if (answer.kind !== 'ok' || answer.index === null) return;
    if (answer.index < read.least)
      throw new Violation(
        'monotone-reads',
        `read ${describeSerial(serial)} sees ${answer.index}, and ${read.least} was acknowledged before it began`,
      );
    this.#acknowledged = Math.max(this.#acknowledged, answer.index);
  }
}
