import type { Deadlines, Waiter } from './deadlines.ts';
import type { CallOptions } from './group.ts';
import type { Clock, Random } from './ports.ts';
import { stopped } from './rejection.ts';
import { type FailedOutcome, RuntimeError } from './runtime-error.ts';

/** How long a call may take where its caller does not say, in milliseconds. */
export const defaultTimeoutMs = 5000;

/**
 * A client's call on its way: settles exactly once, with a result, an error, its deadline, or its caller's signal.
 *
 * The deadline covers the whole way, not only a queue.
 */
export abstract class Call<Result> implements Waiter {
  readonly deadline: number;
  readonly result: Promise<Result>;
  readonly #among: Deadlines<Call<Result>>;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.fail('aborted');
  #resolve: (result: Result) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  readonly #afterwards: (() => void)[] = [];

  constructor(among: Deadlines<Call<Result>>, clock: Clock, options: CallOptions) {
    this.#among = among;
    this.#signal = options.signal;
    this.deadline = clock.now() + (options.timeoutMs ?? defaultTimeoutMs);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    among.add(this);
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** What is known about the command's fate if the call ended now. */
  abstract get fate(): FailedOutcome;

  get settled(): boolean {
    return !this.#among.has(this);
  }

  /** Runs `act` at the moment from which nobody waits any more. */
  onceSettled(act: () => void): void {
    this.#afterwards.push(act);
  }

  resolve(result: Result): void {
    if (this.#settle()) this.#resolve(result);
  }

  reject(error: unknown): void {
    if (this.#settle()) this.#reject(error);
  }

  fail(code: 'timeout' | 'aborted'): void {
    const unknown = this.fate === 'unknown';
    const what = code === 'timeout' ? 'no outcome within the time limit' : 'the caller gave up waiting';
    const hint = unknown ? 'It may still be applied: read the state before you try again.' : 'Nothing was changed: try again.';
    this.reject(new RuntimeError(code, this.fate, what, hint));
  }

  #settle(): boolean {
    if (!this.#among.delete(this)) return false;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    for (const act of this.#afterwards) act();
    return true;
  }
}

/** Runs `act` when nobody waits for any of the calls any more. */
export function onceAllSettled(calls: readonly Pick<Call<unknown>, 'onceSettled'>[], act: () => void): void {
  let waiting = calls.length;
  const settled = () => {
    if (--waiting === 0) act();
  };
  for (const call of calls) call.onceSettled(settled);
}

/** Why a call is not even begun, or null: the member stops, or the caller has given up already. */
export function refusedAtOnce(isStopped: boolean, { signal }: CallOptions): RuntimeError | null {
  if (isStopped) return stopped('not-applied');
  return signal?.aborted ? new RuntimeError('aborted', 'not-applied', 'the call was aborted', 'Nothing was changed.') : null;
}

/**
 * Where a member begins to number what it asks of its leader. The numbers of an earlier life of this process must not come
 * again: a late answer to one of them may still be under way.
 */
export function firstRequestId(random: Random): number {
  return Math.floor(random() * 2 ** 48);
}
