import { type Index, membershipAt, type SnapshotInfo } from '@flotilla/core';
import type { SnapshotPosition } from '@flotilla/snapshot';
import type { StateMachine } from '@flotilla/state-machine';
import { inject, injectable } from 'inversify';
import { ApplyLoop } from './apply-loop.ts';
import { LogTail } from './log-tail.ts';
import { Member } from './member.ts';
import { RuntimeError } from './runtime-error.ts';
import { Snapshots } from './snapshots.ts';
import { tokens } from './tokens.ts';

/** Stores the machine's state now and then, so that the log may be compacted. */
@injectable()
export class SnapshotTaker {
  readonly #machine: StateMachine;
  readonly #member: Member;
  readonly #applyLoop: ApplyLoop;
  readonly #tail: LogTail;
  readonly #snapshots: Snapshots;

  constructor(
    @inject(tokens.machine) machine: StateMachine,
    @inject(Member) member: Member,
    @inject(ApplyLoop) applyLoop: ApplyLoop,
    @inject(LogTail) tail: LogTail,
    @inject(Snapshots) snapshots: Snapshots,
  ) {
    this.#machine = machine;
    this.#member = member;
    this.#applyLoop = applyLoop;
    this.#tail = tail;
    this.#snapshots = snapshots;
  }

  /** The member has loaded its log. A machine that recovered its state by itself may have lost what others need that are late. */
  async start(): Promise<void> {
    const { snapshot, log, witness } = this.#member.state;
    if (snapshot === null && log.snapshotIndex > 0 && !witness) await this.take();
  }

  /** Stores the machine's state as of what is applied. Where it is stored already, it is not stored again. */
  async take(): Promise<SnapshotInfo> {
    const { snapshot } = this.#member.state;
    if (snapshot !== null && snapshot.index >= this.#applyLoop.appliedIndex) return snapshot;
    const captured = await this.#applyLoop.capture();
    try {
      return await this.#snapshots.save(this.#positionAt(captured.index), captured.parts);
    } finally {
      captured.close();
    }
  }

  /** Where a state as of `index` belongs, which is applied here. */
  #positionAt(index: Index): SnapshotPosition {
    const { state } = this.#member;
    const membership = membershipAt(state, index);
    if (index === 0 || index < state.log.snapshotIndex || membership.members.length === 0) throw nothingToStore();
    const [last] = index > state.log.snapshotIndex ? this.#tail.read(index, index, 0) : [];
    const { term, time } = last ?? { term: state.log.snapshotTerm, time: state.logTime };
    const { name, version } = this.#machine;
    return { index, term, time, membership, machine: { name, version } };
  }
}

function nothingToStore(): RuntimeError {
  return new RuntimeError(
    'nothing_to_snapshot',
    'not-applied',
    'nothing was applied yet that a snapshot could stand for',
    'Try again later.',
  );
}
