import { membershipAt, type SnapshotInfo } from '@flotilla/core';
import { isSnapshotNoRoom, type SnapshotPolicy, type SnapshotPosition, snapshotDue, snapshotNoRoom } from '@flotilla/snapshot';
import { isMachineError, type ReplicatedMachine } from '@flotilla/state-machine';
import { isStorageError, type RoomWatch } from '@flotilla/storage';
import { inject, injectable } from 'inversify';
import { ApplyLoop } from './apply-loop.ts';
import { FailStop } from './fail-stop.ts';
import type { GroupConfig } from './host-config.ts';
import { LogTail } from './log-tail.ts';
import type { CapturedState } from './machine-state.ts';
import { Member } from './member.ts';
import type { Clock, Logger, Scheduler } from './ports.ts';
import { isRuntimeError, RuntimeError } from './runtime-error.ts';
import { SnapshotPace } from './snapshot-pace.ts';
import { Snapshots } from './snapshots.ts';
import { tokens } from './tokens.ts';

/** How long to wait after a snapshot that could not be stored, in milliseconds. */
const retryAfterMs = 30_000;

/** Stores the machine's state when the policy or somebody says so, so that the log may be compacted. */
@injectable()
export class SnapshotTaker {
  readonly #machine: ReplicatedMachine;
  readonly #policy: SnapshotPolicy | null;
  readonly #group: number;
  readonly #member: Member;
  readonly #applyLoop: ApplyLoop;
  readonly #tail: LogTail;
  readonly #snapshots: Snapshots;
  readonly #pace: SnapshotPace;
  readonly #room: RoomWatch;
  readonly #failStop: FailStop;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #logger: Logger;
  /** Where the apply loop was, and when, as the last snapshot was taken. */
  #last = { bytes: 0, at: 0 };
  #notBefore = Number.NEGATIVE_INFINITY;
  /** What the policy asked for. */
  #taking: Promise<void> | null = null;
  #storing: Promise<unknown> | null = null;
  #cancelTimer = () => {};
  #stopped = false;

  constructor(
    @inject(tokens.machine) machine: ReplicatedMachine,
    @inject(tokens.groupConfig) { id, snapshot }: GroupConfig,
    @inject(Member) member: Member,
    @inject(ApplyLoop) applyLoop: ApplyLoop,
    @inject(LogTail) tail: LogTail,
    @inject(Snapshots) snapshots: Snapshots,
    @inject(SnapshotPace) pace: SnapshotPace,
    @inject(tokens.roomWatch) room: RoomWatch,
    @inject(FailStop) failStop: FailStop,
    @inject(tokens.clock) clock: Clock,
    @inject(tokens.scheduler) scheduler: Scheduler,
    @inject(tokens.logger) logger: Logger,
  ) {
    this.#machine = machine;
    this.#policy = snapshot ?? null;
    this.#group = id;
    this.#member = member;
    this.#applyLoop = applyLoop;
    this.#tail = tail;
    this.#snapshots = snapshots;
    this.#pace = pace;
    this.#room = room;
    this.#failStop = failStop;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#logger = logger;
  }

  /**
   * The member has loaded its log. A machine that recovered its state by itself may have lost the snapshot that others need who are
   * late: it is taken again before anybody asks for it.
   */
  async start(): Promise<void> {
    const { snapshot, log, witness } = this.#member.state;
    if (witness) return;
    if (snapshot === null && log.snapshotIndex > 0) await this.take();
    this.#last = { bytes: this.#applyLoop.appliedBytes, at: this.#clock.now() };
    this.#snapshots.onUnreadable((unreadable) => this.#mend(unreadable));
    if (this.#policy === null || !this.#snapshots.areKept) return;
    this.#applyLoop.applied$.subscribe(() => this.#takeIfDue());
    if (this.#policy.everyMs !== undefined) this.#watchTime(this.#policy.everyMs);
  }

  /**
   * Stores the machine's state as of what is applied. Where it is stored already, it is not stored again. Whoever asks for it may use
   * the last room for it: to compact the log may be the way to get some.
   */
  take(): Promise<SnapshotInfo> {
    return this.#pace.store(async () => {
      const { snapshot } = this.#member.state;
      if (snapshot !== null && snapshot.index >= this.#applyLoop.appliedIndex) return snapshot;
      return this.#store(() => true);
    });
  }

  /** Gives up what is being stored, and resolves when nothing is any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTimer();
    await this.#storing?.catch(() => {});
    await this.#taking;
  }

  #store(isRoom: () => boolean): Promise<SnapshotInfo> {
    const stored = this.#captureAndSave(isRoom);
    this.#storing = stored;
    return stored;
  }

  async #captureAndSave(isRoom: () => boolean): Promise<SnapshotInfo> {
    const captured = await this.#applyLoop.capture();
    try {
      const last = { bytes: this.#applyLoop.appliedBytes, at: this.#clock.now() };
      const snapshot = await this.#snapshots.save(this.#positionOf(captured), this.#whileItMay(captured.parts, isRoom));
      this.#last = last;
      return snapshot;
    } finally {
      captured.close();
    }
  }

  async *#whileItMay(parts: AsyncIterable<Uint8Array>, isRoom: () => boolean): AsyncGenerator<Uint8Array, void, void> {
    for await (const part of parts) {
      if (this.#stopped) throw new RuntimeError('stopped', 'not-applied', 'the host stops', 'Ask again when it has started.');
      if (!isRoom()) throw snapshotNoRoom(null);
      yield part;
    }
  }

  #takeIfDue(): void {
    if (this.#policy === null || this.#taking !== null || this.#stopped || this.#clock.now() < this.#notBefore) return;
    const { snapshot, log, applyIndex } = this.#member.state;
    // The machine was given a state that the core has not heard of yet.
    if (this.#applyLoop.appliedIndex > applyIndex) return;
    const since = {
      entries: this.#applyLoop.appliedIndex - (snapshot?.index ?? log.snapshotIndex),
      bytes: this.#applyLoop.appliedBytes - this.#last.bytes,
      ms: this.#clock.now() - this.#last.at,
      snapshotBytes: snapshot?.size ?? 0,
    };
    if (snapshotDue(this.#policy, since)) this.#takeAside();
  }

  /** What is to be sent is gone or damaged, though the log begins behind it: nobody who is late could catch up. */
  #mend(unreadable: SnapshotInfo): void {
    if (this.#member.state.snapshot?.id !== unreadable.id || this.#taking !== null || this.#clock.now() < this.#notBefore) return;
    this.#logger.warn({ group: this.#group, id: unreadable.id }, 'the newest snapshot cannot be read and is stored again');
    this.#takeAside();
  }

  /** Room that runs out is for what the log needs. */
  #takeAside(): void {
    const isRoom = () => this.#room.room !== 'exhausted';
    this.#taking = this.#pace
      .store(() => this.#store(isRoom))
      .then(
        ({ index, size }) => this.#logger.info({ group: this.#group, index, size }, 'stored a snapshot'),
        (error: unknown) => this.#onFailure(error),
      )
      .finally(() => {
        this.#taking = null;
      });
  }

  /** The log gets longer meanwhile, and nothing is lost; but a disk that fails is a disk that fails. */
  #onFailure(error: unknown): void {
    if (this.#stopped || isRuntimeError(error, 'stopped')) return;
    if (!isHarmless(error)) return this.#failStop.trip(error);
    this.#notBefore = this.#clock.now() + retryAfterMs;
    this.#logger.warn({ group: this.#group, err: error, retryAfterMs }, 'no snapshot was stored');
  }

  #watchTime(everyMs: number): void {
    this.#cancelTimer = this.#scheduler.after(everyMs, () => {
      this.#takeIfDue();
      this.#watchTime(everyMs);
    });
  }

  /** Where a state belongs that was captured here. */
  #positionOf({ index, version }: CapturedState): SnapshotPosition {
    const { state } = this.#member;
    const membership = membershipAt(state, index);
    const isKnown = index > 0 && index >= state.log.snapshotIndex && index <= state.applyIndex;
    if (!isKnown || membership.members.length === 0) throw nothingToStore();
    const [last] = index > state.log.snapshotIndex ? this.#tail.read(index, index, 0) : [];
    const { term, time } = last ?? { term: state.log.snapshotTerm, time: state.logTime };
    return { index, term, time, membership, machine: { name: this.#machine.name, version } };
  }
}

/**
 * Nothing is wrong with the disk or with what was applied: there was no room, nothing to store, more than a view lives for, or a state
 * that cannot be written, which would stop all members alike.
 */
function isHarmless(error: unknown): boolean {
  const isUnwritable = isMachineError(error, 'machine_defect');
  return isUnwritable || isSnapshotNoRoom(error) || isRuntimeError(error, 'nothing_to_snapshot') || isStorageError(error, 'view_closed');
}

function nothingToStore(): RuntimeError {
  return new RuntimeError(
    'nothing_to_snapshot',
    'not-applied',
    'nothing was applied yet that a snapshot could stand for',
    'Try again later.',
  );
}
