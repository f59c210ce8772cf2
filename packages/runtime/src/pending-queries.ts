import type { AnswerRead, Index, RejectReason } from '@flotilla/core';
import { inject, injectable } from 'inversify';
import { Call, firstRequestId, onceAllSettled, refusedAtOnce } from './call.ts';
import { Deadlines } from './deadlines.ts';
import type { QueryOptions, QueryResult } from './group.ts';
import type { HostConfig } from './host-config.ts';
import type { Clock, Random, Scheduler } from './ports.ts';
import { rejection, stopped } from './rejection.ts';
import { tokens } from './tokens.ts';

class QueryCall extends Call<QueryResult> {
  readonly run: () => unknown;
  /** A lease is good enough, as long as none has turned out to be over. */
  lease: boolean;

  constructor(run: () => unknown, among: Deadlines<Call<QueryResult>>, clock: Clock, options: QueryOptions) {
    super(among, clock, options);
    this.run = run;
    this.lease = options.consistency === 'lease';
  }

  /** A read changes nothing, whatever becomes of it. */
  get fate() {
    return 'not-applied' as const;
  }
}

/** Reads that came in one turn, and how they may be served. */
interface ReadRequest {
  readonly askedAt: number;
  readonly calls: readonly QueryCall[];
}

/** What a leader says about a read: as `AnswerRead`. */
type Confirmation = Pick<AnswerRead, 'index' | 'leaseUntil'>;

/** A group's linearizable reads: all of a turn share one confirmation of leadership, then wait for the apply loop. */
@injectable()
export class PendingQueries {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #askAgainMs: number;
  readonly #calls: Deadlines<Call<QueryResult>>;
  readonly #unconfirmed = new Map<number, ReadRequest>();
  #confirmed: { readonly index: Index; readonly calls: readonly QueryCall[] }[] = [];
  #queue: QueryCall[] = [];
  /** Everything that was committed at a time (monotonic ms) is applied with this index. */
  #knownAsOf: { readonly at: number; readonly index: Index } | null = null;
  #nextId: number;
  #stopped = false;

  constructor(
    @inject(tokens.clock) clock: Clock,
    @inject(tokens.scheduler) scheduler: Scheduler,
    @inject(tokens.random) random: Random,
    @inject(tokens.hostConfig) host: HostConfig,
  ) {
    this.#clock = clock;
    this.#max = host.limits.pendingQueriesMax;
    this.#askAgainMs = host.raft.electionTimeoutMs;
    this.#calls = new Deadlines(clock, scheduler);
    this.#nextId = firstRequestId(random);
  }

  submit(run: () => unknown, options: QueryOptions): Promise<QueryResult> {
    const refused = refusedAtOnce(this.#stopped, options);
    if (refused) return Promise.reject(refused);
    if (this.#calls.size >= this.#max) return Promise.reject(rejection('overloaded'));
    const call = new QueryCall(run, this.#calls, this.#clock, options);
    this.#queue.push(call);
    return call.result;
  }

  /**
   * Whether what is applied here is fresh enough for a stale read: no older than `maxStalenessMs`. Known by the reads that
   * were confirmed before, without trust in any clock but this member's own.
   */
  isFresh(maxStalenessMs: number, appliedIndex: Index): boolean {
    const known = this.#knownAsOf;
    return known !== null && known.index <= appliedIndex && this.#clock.now() - known.at <= maxStalenessMs;
  }

  /** Reads wait for the next turn. */
  get isWaiting(): boolean {
    return this.#queue.length > 0;
  }

  /** One id for all reads that came since the last turn and may be served alike. The leadership check follows their arrival. */
  takeRequests(): readonly { readonly id: number; readonly lease: boolean }[] {
    this.#askAgain();
    if (this.#queue.length === 0) return [];
    const waiting = this.#queue.filter((call) => !call.settled);
    this.#queue = [];
    const requests: { readonly id: number; readonly lease: boolean }[] = [];
    for (const lease of [true, false]) {
      const calls = waiting.filter((call) => call.lease === lease);
      if (calls.length === 0) continue;
      const id = this.#nextId++;
      this.#unconfirmed.set(id, { askedAt: this.#clock.now(), calls });
      onceAllSettled(calls, () => this.#unconfirmed.delete(id));
      requests.push({ id, lease });
    }
    return requests;
  }

  /** The question or its answer may be lost, and a read changes nothing: nobody is harmed by another try. */
  #askAgain(): void {
    if (this.#unconfirmed.size === 0) return;
    const since = this.#clock.now() - this.#askAgainMs;
    for (const [id, { askedAt, calls }] of this.#unconfirmed) {
      if (askedAt > since) continue;
      this.#unconfirmed.delete(id);
      this.#queue.push(...calls);
    }
  }

  /**
   * The reads of a request may be served once `index` is applied. Where they rested on a lease that is over by now, because
   * this process stood still after it looked at the clock, they are asked for again, without one.
   */
  confirmed(id: number, { index, leaseUntil }: Confirmation, appliedIndex: Index): void {
    const { askedAt, calls } = this.#take(id);
    if (leaseUntil !== null && this.#clock.now() >= leaseUntil) {
      for (const call of calls) call.lease = false;
      this.#queue.push(...calls);
      return;
    }
    if (askedAt > (this.#knownAsOf?.at ?? Number.NEGATIVE_INFINITY)) this.#knownAsOf = { at: askedAt, index };
    if (index <= appliedIndex) this.#serve(calls, appliedIndex);
    else if (calls.length > 0) this.#confirmed.push({ index, calls });
  }

  rejected(id: number, reason: RejectReason): void {
    for (const call of this.#take(id).calls) call.reject(rejection(reason));
  }

  /** The leader changed: it will not answer what it was asked. */
  forgetUnconfirmed(): void {
    for (const id of [...this.#unconfirmed.keys()]) this.rejected(id, 'leadership_lost');
  }

  applied(appliedIndex: Index): void {
    if (this.#confirmed.length === 0) return;
    const due = this.#confirmed.filter(({ index }) => index <= appliedIndex);
    this.#confirmed = this.#confirmed.filter(({ index, calls }) => index > appliedIndex && calls.some((call) => !call.settled));
    for (const { calls } of due) this.#serve(calls, appliedIndex);
  }

  stop(reason: unknown): void {
    this.#stopped = true;
    for (const call of this.#calls.stop()) call.reject(stopped(call.fate, reason));
  }

  #serve(calls: readonly QueryCall[], appliedIndex: Index): void {
    for (const call of calls) {
      if (call.settled) continue;
      try {
        call.resolve({ index: appliedIndex, result: call.run() });
      } catch (error) {
        call.reject(error);
      }
    }
  }

  #take(id: number): ReadRequest {
    const request = this.#unconfirmed.get(id) ?? { askedAt: Number.NEGATIVE_INFINITY, calls: [] };
    this.#unconfirmed.delete(id);
    return request;
  }
}
