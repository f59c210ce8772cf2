import type { MemberId, MembershipChange, MembershipRefusal, TransferRefusal } from '@flotilla/core';
import { inject, injectable } from 'inversify';
import { Call, firstRequestId, refusedAtOnce } from './call.ts';
import { Deadlines } from './deadlines.ts';
import type { CallOptions, MembershipResult } from './group.ts';
import { refusal } from './operation-refusal.ts';
import type { Clock, Random, Scheduler } from './ports.ts';
import { rejection, stopped } from './rejection.ts';
import type { FailedOutcome } from './runtime-error.ts';
import { tokens } from './tokens.ts';

/** What an operator may ask of a leader, as the core takes it. */
export type Operation =
  | { readonly kind: 'membership-requested'; readonly id: number; readonly change: MembershipChange }
  | { readonly kind: 'transfer-requested'; readonly id: number; readonly target: MemberId };

type Request = Operation extends infer Each ? (Each extends Operation ? Omit<Each, 'id'> : never) : never;

/** What became of the membership; null for a transfer. */
type Done = MembershipResult | null;

class OperationCall extends Call<Done> {
  readonly request: Request;
  taken = false;

  constructor(request: Request, among: Deadlines<Call<Done>>, clock: Clock, options: CallOptions) {
    super(among, clock, options);
    this.request = request;
  }

  get fate(): FailedOutcome {
    return this.taken ? 'unknown' : 'not-applied';
  }
}

/** Operators are few: whoever asks for more at a time is a program gone wrong. */
const operationsMax = 64;

/** A group's changes of membership and transfers of leadership, from the call to the outcome. */
@injectable()
export class PendingOperations {
  readonly #clock: Clock;
  readonly #calls: Deadlines<Call<Done>>;
  readonly #taken = new Map<number, OperationCall>();
  #queue: OperationCall[] = [];
  #nextId: number;
  #stopped = false;

  constructor(@inject(tokens.clock) clock: Clock, @inject(tokens.scheduler) scheduler: Scheduler, @inject(tokens.random) random: Random) {
    this.#clock = clock;
    this.#calls = new Deadlines(clock, scheduler);
    this.#nextId = firstRequestId(random);
  }

  submit(request: Request, options: CallOptions): Promise<Done> {
    const refused = refusedAtOnce(this.#stopped, options);
    if (refused) return Promise.reject(refused);
    if (this.#calls.size >= operationsMax) return Promise.reject(rejection('overloaded'));
    const call = new OperationCall(request, this.#calls, this.#clock, options);
    this.#queue.push(call);
    return call.result;
  }

  /** What was asked since the last turn. */
  take(): readonly Operation[] {
    if (this.#queue.length === 0) return [];
    const calls = this.#queue.filter((call) => !call.settled);
    this.#queue = [];
    return calls.map((call) => {
      const id = this.#nextId++;
      call.taken = true;
      this.#taken.set(id, call);
      call.onceSettled(() => this.#taken.delete(id));
      return { ...call.request, id };
    });
  }

  accepted(id: number, done: Done): void {
    this.#taken.get(id)?.resolve(done);
  }

  rejected(id: number, reason: MembershipRefusal | TransferRefusal): void {
    this.#taken.get(id)?.reject(refusal(reason));
  }

  stop(reason: unknown): void {
    this.#stopped = true;
    for (const call of this.#calls.stop()) call.reject(stopped(call.fate, reason));
  }
}
