import { deadline, decide, type Input, initialState, invariant, type MemberId, type Message, type RaftState } from '@flotilla/core';
import type { LogStore } from '@flotilla/storage';
import { inject, injectable } from 'inversify';
import { Subject } from 'rxjs';
import { DurableWriter } from './durable-writer.ts';
import { EffectRunner } from './effect-runner.ts';
import type { GroupConfig, HostConfig } from './host-config.ts';
import { LogTail } from './log-tail.ts';
import { PendingCommands } from './pending-commands.ts';
import { PendingQueries } from './pending-queries.ts';
import type { Clock, Random, Scheduler } from './ports.ts';
import type { RaftStep } from './raft-step.ts';
import { tokens } from './tokens.ts';
import { TurnLoop, type TurnTaker } from './turn-loop.ts';

/** An input without the time, which the member adds when it decides it. */
type Untimed<I> = I extends Input ? Omit<I, 'now' | 'wallTime'> : never;

/** A member of a group: a mailbox in front of the core, and the timer that wakes it. */
@injectable()
export class Member implements TurnTaker {
  /** What happens to this member, step by step. */
  readonly raft$ = new Subject<RaftStep>();
  /** Role, term or leader changed. */
  readonly roleChanged$ = new Subject<void>();
  readonly #host: HostConfig;
  readonly #group: GroupConfig;
  readonly #store: LogStore;
  readonly #tail: LogTail;
  readonly #turns: TurnLoop;
  readonly #effects: EffectRunner;
  readonly #commands: PendingCommands;
  readonly #queries: PendingQueries;
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  #state: RaftState | null = null;
  /** Bounded by what the network and the disk deliver within one turn. */
  #inbox: Untimed<Input>[] = [];
  #timer: { readonly at: number; readonly cancel: () => void } | null = null;
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
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#random = random;
    writer.register(group.id, (sequence) => this.#post({ kind: 'persisted', sequence }));
  }

  get state(): RaftState {
    invariant(this.#state !== null, 'the member has not started');
    return this.#state;
  }

  /** Loads what the disk holds. The log is loaded on every start, never cleared. */
  async load(): Promise<void> {
    const recovered = await this.#store.recover(this.#group.id);
    this.#tail.start(recovered.log.lastIndex);
    this.#state = initialState({
      id: this.#host.member,
      membership: { voters: this.#group.voters },
      config: this.#host.raft,
      seed: Math.floor(this.#random() * 2 ** 32) | 0,
      now: this.#clock.now(),
      recovered,
    });
  }

  /** Begins to take part. */
  start(): void {
    this.#armTimer();
  }

  receive(from: MemberId, message: Message): void {
    this.#post({ kind: 'received', from, message });
  }

  /** There are new commands or queries to take up. */
  wake(): void {
    if (!this.#stopped) this.#turns.request(this);
  }

  takeTurn(): void {
    if (this.#stopped) return;
    const inbox = this.#inbox;
    this.#inbox = [];
    this.#effects.beginTurn();
    for (const input of inbox) this.#decide(input);
    for (const { id, payloads } of this.#commands.takeProposals()) this.#decide({ kind: 'proposed', id, payloads });
    const read = this.#queries.takeRequest();
    if (read !== null) this.#decide({ kind: 'read-requested', id: read });
    this.#tail.trim(Math.min(this.state.persistedIndex, this.state.applyIndex));
    this.#armTimer();
  }

  /** Ends all calls; `reason` is why the member failed, if it did. */
  stop(reason?: unknown): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#timer?.cancel();
    this.#commands.stop(reason);
    this.#queries.stop(reason);
    this.raft$.complete();
    this.roleChanged$.complete();
  }

  #post(input: Untimed<Input>): void {
    if (this.#stopped) return;
    this.#inbox.push(input);
    this.#turns.request(this);
  }

  #decide(untimed: Untimed<Input>): void {
    const input: Input = { ...untimed, now: this.#clock.now(), wallTime: this.#clock.wallTime() };
    const before = this.state;
    const { state, events, effects } = decide(before, input);
    this.#state = state;
    this.#effects.run(effects);
    if (state.term !== before.term) {
      this.#commands.forgetOffered();
      this.#queries.forgetUnconfirmed();
    }
    if (state.term !== before.term || state.role.kind !== before.role.kind || state.leader !== before.leader) this.roleChanged$.next();
    if (this.raft$.observed) this.raft$.next({ input, events });
  }

  #armTimer(): void {
    const at = deadline(this.state);
    // A timer that fires too early costs one look; one for each heartbeat received would cost more.
    if (this.#stopped || (this.#timer && this.#timer.at <= at)) return;
    this.#timer?.cancel();
    this.#timer = null;
    if (at === Number.POSITIVE_INFINITY) return;
    const cancel = this.#scheduler.after(Math.max(0, at - this.#clock.now()), () => {
      this.#timer = null;
      this.#post({ kind: 'deadline-reached' });
    });
    this.#timer = { at, cancel };
  }
}
