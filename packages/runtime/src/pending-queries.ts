import type { Index, RejectReason } from '@flotilla/core';
import { inject, injectable } from 'inversify';
import { Call, firstRequestId, refusedAtOnce } from './call.ts';
import { Deadlines } from './deadlines.ts';
import type { CallOptions, QueryResult } from './group.ts';
import type { HostConfig } from './host-config.ts';
import type { Clock, Random, Scheduler } from './ports.ts';
import { rejection, stopped } from './rejection.ts';
import { tokens } from './tokens.ts';

class QueryCall extends Call<QueryResult> {
  readonly run: () => unknown;

  constructor(run: () => unknown, among: Deadlines<Call<QueryResult>>, clock: Clock, options: CallOptions) {
    super(among, clock, options);
    this.run = run;
  }

  /** A read changes nothing, whatever becomes of it. */
  get fate() {
    return 'not-applied' as const;
  }
}

/** A group's linearizable reads: all of a turn share one confirmation of leadership, then wait for the apply loop. */
@injectable()
export class PendingQueries {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #calls: Deadlines<Call<QueryResult>>;
  readonly #unconfirmed = new Map<number, readonly QueryCall[]>();
  #confirmed: { readonly index: Index; readonly calls: readonly QueryCall[] }[] = [];
  #queue: QueryCall[] = [];
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
    this.#calls = new Deadlines(clock, scheduler);
    this.#nextId = firstRequestId(random);
  }

  submit(run: () => unknown, options: CallOptions): Promise<QueryResult> {
    const refused = refusedAtOnce(this.#stopped, options);
    if (refused) return Promise.reject(refused);
    if (this.#calls.size >= this.#max) return Promise.reject(rejection('overloaded'));
    const call = new QueryCall(run, this.#calls, this.#clock, options);
    this.#queue.push(call);
    return call.result;
  }

  /** One id for all reads that came since the last turn, or null. The leadership check follows their arrival. */
  takeRequest(): number | null {
    const calls = this.#queue.filter((call) => !call.settled);
    this.#queue = [];
    if (calls.length === 0) return null;
    const id = this.#nextId++;
    this.#unconfirmed.set(id, calls);
    return id;
  }

  /** The reads of a request may be served once `index` is applied. */
  confirmed(id: number, index: Index, appliedIndex: Index): void {
    const calls = this.#take(id);
    if (index <= appliedIndex) this.#serve(calls, appliedIndex);
    else if (calls.length > 0) this.#confirmed.push({ index, calls });
  }

  rejected(id: number, reason: RejectReason): void {
    for (const call of this.#take(id)) call.reject(rejection(reason));
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

  #take(id: number): readonly QueryCall[] {
    const calls = this.#unconfirmed.get(id) ?? [];
    this.#unconfirmed.delete(id);
    return calls;
  }
}
