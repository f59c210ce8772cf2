import type { GroupRequest } from '@flotilla/state-machine';
import type { FailStop } from '../fail-stop.ts';
import type { Scheduler } from '../ports.ts';
import type { Proposer } from '../proposer.ts';
import { isRuntimeError } from '../runtime-error.ts';

/** How long a keeper waits for the outcome of what it proposed, in milliseconds: longer than any election. */
export const proposalTimeoutMs = 10_000;

/** How long a keeper waits after a proposal that failed, in milliseconds. */
export const proposalRetryMs = 250;

/** Lets one request of a keeper be under way at a time. */
export class RequestLane {
  readonly #proposer: Proposer;
  readonly #scheduler: Scheduler;
  readonly #failStop: FailStop;
  readonly #pauseMs: number;
  readonly #onFree: () => void;
  #busy = false;
  #stopped = false;
  #cancelPause = () => {};

  /** After each request nothing is proposed for `pauseMs`; `onFree` is called when something may be again. */
  constructor(proposer: Proposer, scheduler: Scheduler, failStop: FailStop, pauseMs: number, onFree: () => void) {
    this.#proposer = proposer;
    this.#scheduler = scheduler;
    this.#failStop = failStop;
    this.#pauseMs = pauseMs;
    this.#onFree = onFree;
  }

  get isFree(): boolean {
    return !this.#busy && !this.#stopped;
  }

  /** Where it fails, `onFree` looks again whether it is still needed. */
  propose(request: GroupRequest): void {
    if (!this.isFree) return;
    this.#busy = true;
    this.#proposer.propose(request, { timeoutMs: proposalTimeoutMs }).then(
      () => this.#freeAfter(this.#pauseMs),
      (error: unknown) => (isRuntimeError(error) ? this.#freeAfter(proposalRetryMs) : this.#failStop.trip(error)),
    );
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelPause();
  }

  #freeAfter(delayMs: number): void {
    if (this.#stopped) return;
    if (delayMs === 0) return this.#free();
    this.#cancelPause = this.#scheduler.after(delayMs, () => this.#free());
  }

  #free(): void {
    this.#busy = false;
    this.#failStop.guard(this.#onFree);
  }
}
