import {
  type Decision,
  deadline,
  decide,
  type Input,
  initialState,
  invariant,
  type MemberId,
  type Membership,
  type Message,
  peersOf,
  type RaftState,
} from '@flotilla/core';
import type { LogStore, LogWrite, RoomWatch } from '@flotilla/storage';
import { inject, injectable } from 'inversify';
import { Subject } from 'rxjs';
import { ApplyLoop } from './apply-loop.ts';
import { DurableWriter } from './durable-writer.ts';
import { EffectRunner } from './effect-runner.ts';
import type { Standing } from './group.ts';
import type { GroupConfig, HostConfig } from './host-config.ts';
import { loadLog } from './load-log.ts';
import { LogTail } from './log-tail.ts';
import { PeerDirectory } from './peer-directory.ts';
import { PendingCommands } from './pending-commands.ts';
import { PendingOperations } from './pending-operations.ts';
import { PendingQueries } from './pending-queries.ts';
import type { Clock, Logger, Random, Scheduler } from './ports.ts';
import type { InputAt, RaftTransition } from './raft-step.ts';
import { FlightRecorder } from './recorder/flight-recorder.ts';
import { Snapshots } from './snapshots.ts';
import { standingOf } from './standing.ts';
import { tokens } from './tokens.ts';
import { TurnLoop, type TurnTaker } from './turn-loop.ts';

/** A timer that fires this much too late, in milliseconds, says that the process stood still. */
const lateMs = 20;

/** A member of a group: a mailbox in front of the core, and the timer that wakes it. */
@injectable()
export class Member implements TurnTaker {
  /** What happens to this member, step by step. */
  readonly raft$ = new Subject<RaftTransition>();
  /** Role, term, leader or membership changed. */
  readonly roleChanged$ = new Subject<void>();
  readonly #host: HostConfig;
  readonly #group: GroupConfig;
  readonly #store: LogStore;
  readonly #tail: LogTail;
  readonly #turns: TurnLoop;
  readonly #effects: EffectRunner;
  readonly #commands: PendingCommands;
  readonly #queries: PendingQueries;
  readonly #operations: PendingOperations;
  readonly #applyLoop: ApplyLoop;
  readonly #snapshots: Snapshots;
  readonly #peers: PeerDirectory;
  readonly #recorder: FlightRecorder;
  readonly #room: RoomWatch;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  #state: RaftState | null = null;
  /** Bounded by what the network and the disk deliver within one turn. */
  #inbox: InputAt[] = [];
  #timer: { readonly at: number; readonly cancel: () => void } | null = null;
  /** It takes part: a new group begins only when all founders have met. */
  #begun = false;
  #stopped = false;

  constructor(
    @inject(tokens.hostConfig) host: HostConfig,
    @inject(tokens.groupConfig) group: GroupConfig,
    @inject(tokens.logStore) store: LogStore,
    @inject(LogTail) tail: LogTail,
    @inject(TurnLoop) turns: TurnLoop,
    @inject(DurableWriter) writer: DurableWriter,
    @inject(EffectRunner) effects: EffectRunner,
    @inject(PendingCommands) commands: PendingCommands,
    @inject(PendingQueries) queries: PendingQueries,
    @inject(PendingOperations) operations: PendingOperations,
    @inject(ApplyLoop) applyLoop: ApplyLoop,
    @inject(Snapshots) snapshots: Snapshots,
    @inject(PeerDirectory) peers: PeerDirectory,
    @inject(FlightRecorder) recorder: FlightRecorder,
    @inject(tokens.roomWatch) room: RoomWatch,
    @inject(tokens.logger) logger: Logger,
    @inject(tokens.clock) clock: Clock,
    @inject(tokens.scheduler) scheduler: Scheduler,
    @inject(tokens.random) random: Random,
  ) {
    this.#host = host;
    this.#group = group;
    this.#store = store;
    this.#tail = tail;
    this.#turns = turns;
    this.#effects = effects;
    this.#commands = commands;
    this.#queries = queries;
    this.#operations = operations;
    this.#applyLoop = applyLoop;
    this.#snapshots = snapshots;
    this.#peers = peers;
    this.#recorder = recorder;
    this.#room = room;
    this.#logger = logger;
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#random = random;
    writer.register(group.id, (sequence) => this.#post((now, wallTime) => ({ kind: 'persisted', sequence, now, wallTime })));
    room.onChange(() => this.#reportRoom());
    snapshots.onOutcome((outcome) => this.#post((now, wallTime) => ({ ...outcome, now, wallTime })));
  }

  get state(): RaftState {
    invariant(this.#state !== null, 'the member has not started');
    return this.#state;
  }

  /**
   * Loads what the disk holds; the log is loaded on every start, never cleared. Returns what a new group has to write before
   * it begins: with whom it was founded.
   */
  async load(): Promise<LogWrite | null> {
    const { recovered, snapshot, founding, witness, damage } = await loadLog(
      this.#store,
      this.#snapshots,
      this.#applyLoop,
      this.#group,
      this.#host.member,
    );
    this.#tail.start(recovered.log.lastIndex);
    this.#state = initialState({
      id: this.#host.member,
      memberships: recovered.memberships,
      witness,
      config: this.#host.raft,
      seed: Math.floor(this.#random() * 2 ** 32) | 0,
      now: this.#clock.now(),
      recovered: { ...recovered, snapshot, committed: this.#applyLoop.appliedBefore },
    });
    this.#recorder.start(this.state);
    if (this.state.recovering)
      this.#logRecovery('warn', 'this member has lost what others may rely on: it neither votes nor leads until it has that again', {
        damage,
      });
    this.#peers.register(this.#group.id, this.state.membership);
    return founding;
  }

  /** What this member is to its group, as far as it knows. */
  get standing(): Standing {
    return this.#begun ? standingOf(this.state) : 'founding';
  }

  /** Begins to take part. */
  start(): void {
    this.#begun = true;
    this.roleChanged$.next();
    // A witness has compacted what it would apply, and has nothing to apply it with.
    if (this.state.applyIndex > 0 && !this.state.witness) this.#applyLoop.advance(this.state.applyIndex);
    this.#reportUnreachable(this.state.membership);
    if (this.#room.room === 'exhausted') this.#reportRoom();
    this.#armTimer();
  }

  /** Also where it is no news: what was reported before may wait in the inbox, and say the opposite. */
  #reportRoom(): void {
    const exhausted = this.#room.room === 'exhausted';
    if (this.#begun) this.#post((now, wallTime) => ({ kind: 'room-changed', exhausted, now, wallTime }));
  }

  /** The core takes everybody for reachable until it is told otherwise; the transport has yet to reach those who are new. */
  #reportUnreachable(membership: Membership): void {
    for (const peer of peersOf(membership, this.#host.member)) {
      if (!this.#peers.isReachable(peer)) this.reachabilityChanged(peer, false);
    }
  }

  receive(from: MemberId, message: Message): void {
    if (this.#begun) this.#post((now, wallTime) => ({ kind: 'received', from, message, now, wallTime }));
  }

  reachabilityChanged(peer: MemberId, reachable: boolean): void {
    if (this.#begun) this.#post((now, wallTime) => ({ kind: 'reachability-changed', peer, reachable, now, wallTime }));
  }

  /** There are new calls to take up. */
  wake(): void {
    if (!this.#stopped) this.#turns.request(this);
  }

  takeTurn(): void {
    if (this.#stopped) return;
    this.#takeInbox();
    this.#takeCalls();
    // What is due at once was left for the end of the turn: the round that all reads of this turn share.
    if (deadline(this.state) <= this.#clock.now()) this.#decide(deadlineReached);
    this.#tail.trim(Math.min(this.state.persistedIndex, this.state.applyIndex));
    this.#armTimer();
  }

  #takeInbox(): void {
    const inbox = this.#inbox;
    this.#inbox = [];
    for (const input of inbox) this.#decide(input);
  }

  #takeCalls(): void {
    for (const operation of this.#operations.take()) this.#decide((now, wallTime) => ({ ...operation, now, wallTime }));
    for (const { id, payloads } of this.#commands.takeProposals()) {
      this.#decide((now, wallTime) => ({ kind: 'proposed', id, payloads, now, wallTime }));
    }
    for (const { id, lease } of this.#queries.takeRequests()) {
      this.#decide((now, wallTime) => ({ kind: 'read-requested', id, lease, now, wallTime }));
    }
    if (this.#queries.isWaiting) this.wake();
  }

  /** Ends all calls; `reason` is why the member failed, if it did. */
  stop(reason?: unknown): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer?.cancel();
    this.#commands.stop(reason);
    this.#queries.stop(reason);
    this.#operations.stop(reason);
    this.raft$.complete();
    this.roleChanged$.complete();
  }

  #post(input: InputAt): void {
    if (this.#stopped) return;
    this.#inbox.push(input);
    this.#turns.request(this);
  }

  #decide(inputAt: InputAt): void {
    const input = inputAt(this.#clock.now(), this.#clock.wallTime());
    const before = this.state;
    const { state, events, effects } = this.#decideOrRecordFailure(before, input);
    this.#state = state;
    this.#recorder.record({ input, events }, state);
    const sent = this.#effects.run(effects, state);
    this.#noteChanges(before, state);
    if (this.raft$.observed) this.raft$.next({ input, events, before, after: state });
    for (const append of sent) this.#decide(append);
  }

  /** What the core does not get through is the first thing that somebody will want to know of a member that failed. */
  #decideOrRecordFailure(state: RaftState, input: Input): Decision {
    try {
      return decide(state, input);
    } catch (error) {
      this.#recorder.recordFailure(input, error);
      throw error;
    }
  }

  #noteChanges(before: RaftState, after: RaftState): void {
    if (after.term !== before.term || after.leader !== before.leader) {
      this.#commands.leaderChanged();
      this.#queries.forgetUnconfirmed();
    }
    const membershipChanged = after.membership !== before.membership;
    if (membershipChanged) {
      this.#peers.update(this.#group.id, after.membership);
      this.#reportUnreachable(after.membership);
    }
    if (before.recovering && !after.recovering) this.#logRecovery('info', 'this member has recovered and votes again');
    const roleChanged =
      after.term !== before.term ||
      after.role.kind !== before.role.kind ||
      after.leader !== before.leader ||
      after.recovering !== before.recovering;
    // A member is removed when its removal is committed, which it was told of before.
    const standingChanged = after.commitIndex !== before.commitIndex && standingOf(after) !== standingOf(before);
    if (standingChanged && standingOf(after) === 'removed') this.#commands.endBehind(after.commitIndex);
    if (roleChanged || membershipChanged || standingChanged) this.roleChanged$.next();
  }

  #logRecovery(level: 'info' | 'warn', message: string, more: object = {}): void {
    const { term, log } = this.state;
    this.#logger[level]({ group: this.#group.id, term, lastIndex: log.lastIndex, ...more }, message);
  }

  #armTimer(): void {
    const at = this.#together(deadline(this.state));
    // A timer that fires too early costs one look; one for each heartbeat received would cost more.
    if (this.#stopped || (this.#timer && this.#timer.at <= at)) return;
    this.#timer?.cancel();
    this.#timer = null;
    if (at === Number.POSITIVE_INFINITY) return;
    const cancel = this.#scheduler.after(Math.max(0, at - this.#clock.now()), () => {
      this.#timer = null;
      this.#onTimer(at);
    });
    this.#timer = { at, cancel };
  }

  /**
   * Where a host leads many groups, they all beat at the same moments, so that their heartbeats to one peer travel together.
   * That makes one of them late by less than an interval, once: no election timeout is that short.
   */
  #together(at: number): number {
    if (this.#host.groups.length === 1 || this.state.role.kind !== 'leader' || !Number.isFinite(at)) return at;
    const { heartbeatIntervalMs } = this.#host.raft;
    return Math.ceil(at / heartbeatIntervalMs) * heartbeatIntervalMs;
  }

  /** After a standstill, what arrived meanwhile goes first: it may say that the leader lives, or that everybody answers. */
  #onTimer(at: number): void {
    const wakeUp = () => this.#post(deadlineReached);
    if (this.#clock.now() - at > lateMs) this.#scheduler.nextTurn(wakeUp);
    else wakeUp();
  }
}

function deadlineReached(now: number, wallTime: number): Input {
  return { kind: 'deadline-reached', now, wallTime };
}
