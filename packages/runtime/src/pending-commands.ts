import type { Index, ProposalPosition, RejectReason, Term } from '@flotilla/core';
import type { AppliedRequest } from '@flotilla/state-machine';
import { inject, injectable } from 'inversify';
import { Call, firstRequestId, onceAllSettled, refusedAtOnce } from './call.ts';
import { Deadlines } from './deadlines.ts';
import type { Applied, CallOptions } from './group.ts';
import type { HostConfig, HostLimits } from './host-config.ts';
import type { Clock, Random, Scheduler } from './ports.ts';
import { refusal, rejection, stopped } from './rejection.ts';
import { type FailedOutcome, RuntimeError } from './runtime-error.ts';
import { tokens } from './tokens.ts';

/** Commands of one turn, on their way into a log under one id. */
export interface Proposal {
  readonly id: number;
  readonly payloads: readonly Uint8Array[];
}

/** How long, in election timeouts, a leader that was replaced may take to say what it did with a command. */
const graceInTimeouts = 4;

class CommandCall extends Call<Applied> {
  readonly payload: Uint8Array;
  /** Where it is: nobody has seen it, somebody may have put it into a log, or it has this slot. */
  stage: 'queued' | 'offered' | { readonly index: Index; readonly term: Term } = 'queued';

  constructor(payload: Uint8Array, among: Deadlines<Call<Applied>>, clock: Clock, options: CallOptions) {
    super(among, clock, options);
    this.payload = payload;
  }

  get fate(): FailedOutcome {
    return this.stage === 'queued' ? 'not-applied' : 'unknown';
  }
}

/** A group's commands from the call to the outcome. Each ends in exactly one of: applied, not applied, unknown. */
@injectable()
export class PendingCommands {
  readonly #clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #limits: HostLimits;
  readonly #graceMs: number;
  readonly #calls: Deadlines<Call<Applied>>;
  readonly #offered = new Map<number, readonly CommandCall[]>();
  readonly #placed = new Map<Index, CommandCall>();
  #queue: CommandCall[] = [];
  #bytes = 0;
  #offeredBytes = 0;
  #nextId: number;
  #stopped = false;

  constructor(
    @inject(tokens.clock) clock: Clock,
    @inject(tokens.scheduler) scheduler: Scheduler,
    @inject(tokens.random) random: Random,
    @inject(tokens.hostConfig) host: HostConfig,
  ) {
    this.#clock = clock;
    this.#scheduler = scheduler;
    this.#limits = host.limits;
    this.#graceMs = graceInTimeouts * host.raft.electionTimeoutMs;
    this.#calls = new Deadlines(clock, scheduler);
    this.#nextId = firstRequestId(random);
  }

  submit(payload: Uint8Array, options: CallOptions): Promise<Applied> {
    const { payloadBytesMax, pendingCommandsMax, pendingCommandBytesMax } = this.#limits;
    const refused = refusedAtOnce(this.#stopped, options);
    if (refused) return Promise.reject(refused);
    if (payload.length > payloadBytesMax) {
      const hint = `A command may take ${payloadBytesMax} bytes when encoded.`;
      return Promise.reject(new RuntimeError('payload_too_large', 'not-applied', `the command takes ${payload.length} bytes`, hint));
    }
    if (this.#calls.size >= pendingCommandsMax || this.#bytes + payload.length > pendingCommandBytesMax) {
      return Promise.reject(rejection('overloaded'));
    }
    const call = new CommandCall(payload, this.#calls, this.#clock, options);
    this.#bytes += payload.length;
    this.#queue.push(call);
    call.onceSettled(() => {
      this.#bytes -= payload.length;
    });
    return call.result;
  }

  /** The commands that wait, in proposals of limited size; as many as may be on their way into a log at a time. */
  takeProposals(): readonly Proposal[] {
    if (this.#queue.length === 0) return [];
    const queue = this.#queue.filter((call) => !call.settled);
    const proposals: Proposal[] = [];
    let start = 0;
    while (start < queue.length && this.#offeredBytes < this.#limits.offeredBytesMax) {
      let end = start;
      let bytes = 0;
      do bytes += queue[end++]?.payload.length ?? 0;
      while (end < queue.length && bytes + (queue[end]?.payload.length ?? 0) <= this.#limits.proposalBytesMax);
      proposals.push(this.#offer(queue.slice(start, end)));
      start = end;
    }
    this.#queue = queue.slice(start);
    return proposals;
  }

  #offer(calls: readonly CommandCall[]): Proposal {
    const id = this.#nextId++;
    for (const call of calls) {
      call.stage = 'offered';
      this.#offeredBytes += call.payload.length;
    }
    this.#offered.set(id, calls);
    // A proposal or its answer may be lost: when nobody waits for it any more, it is forgotten.
    onceAllSettled(calls, () => this.#takeOffered(id));
    return { id, payloads: calls.map((call) => call.payload) };
  }

  /** The commands of a proposal have slots in a leader's log; `appliedIndex` is how far this member has applied. */
  accepted(id: number, { firstIndex, term }: ProposalPosition, appliedIndex: Index): void {
    for (const [i, call] of this.#takeOffered(id).entries()) {
      if (call.settled) continue;
      const index = firstIndex + i;
      call.stage = { index, term };
      // The answer came after the slot was applied: whose entry it held is no longer known here.
      if (index <= appliedIndex) call.reject(rejection('leadership_lost', 'unknown'));
      else this.#place(index, call);
    }
  }

  /** A slot that a later leader gave to another command may still get the one that it had before. */
  #place(index: Index, call: CommandCall): void {
    this.#placed.get(index)?.reject(rejection('leadership_lost', 'unknown'));
    this.#placed.set(index, call);
  }

  /** The commands of a proposal entered no log. */
  rejected(id: number, reason: RejectReason): void {
    for (const call of this.#takeOffered(id)) call.reject(rejection(reason));
  }

  /**
   * The leader changed. The one before may still say what it did with the commands that it was offered, if it lives; after some
   * election timeouts nobody will.
   */
  leaderChanged(): void {
    const ids = [...this.#offered.keys()];
    if (ids.length === 0) return;
    this.#scheduler.after(this.#graceMs, () => {
      for (const id of ids) for (const call of this.#takeOffered(id)) call.reject(rejection('leadership_lost', 'unknown'));
    });
  }

  /** Nothing behind `index` will be applied here any more. */
  endBehind(index: Index): void {
    for (const [slot, call] of this.#placed) if (slot > index) call.reject(rejection('leadership_lost', 'unknown'));
    // What the leader says of the others may still be on its way.
    this.leaderChanged();
  }

  /** The machine jumped to the state as of `index`: what the slots up to there held is not known here. */
  skipped(index: Index): void {
    for (const [slot, call] of this.#placed) {
      if (slot > index) continue;
      this.#placed.delete(slot);
      call.reject(rejection('leadership_lost', 'unknown'));
    }
  }

  /** The slot `index` was applied, and held an entry of `term`. */
  applied(index: Index, term: Term, result: AppliedRequest | null): void {
    const call = this.#placed.get(index);
    if (!call || typeof call.stage === 'string') return;
    this.#placed.delete(index);
    // Another leader's entry took the slot, so the command is in no log: every leader keeps what is committed.
    if (call.stage.term !== term || !result) call.reject(rejection('leadership_lost'));
    else if (result.outcome.kind === 'refused') call.reject(refusal(result.outcome));
    else call.resolve({ index: result.index, term: result.term, outcome: result.outcome });
  }

  stop(reason: unknown): void {
    this.#stopped = true;
    for (const call of this.#calls.stop()) call.reject(stopped(call.fate, reason));
  }

  #takeOffered(id: number): readonly CommandCall[] {
    const calls = this.#offered.get(id) ?? [];
    this.#offered.delete(id);
    for (const { payload } of calls) this.#offeredBytes -= payload.length;
    return calls;
  }
}
