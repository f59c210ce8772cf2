import type { Answer, Channel, ChannelRequest } from './channel.ts';
import type { ClientLife } from './client-life.ts';
import type { ClientTime } from './client-time.ts';
import { connectionLost } from './network-error.ts';

/** What ended a call early. */
export type CallEnd = 'aborted' | 'closed' | 'timeout';

export interface SpanOptions {
  readonly signal?: AbortSignal;
  /** Nobody waits for the call, so it does not keep the program running. Default false. */
  readonly background?: boolean;
}

/**
 * The time of a call, until it is answered or over: by its deadline, by its caller's signal, or with the client. It waits for
 * one thing at a time, so that a call needs one timer, and no listener of its own where nobody gave it a signal.
 */
export class CallSpan {
  readonly #life: ClientLife;
  readonly #time: ClientTime;
  readonly timeoutMs: number;
  readonly #deadline: number;
  readonly #signal: AbortSignal | undefined;
  readonly #background: boolean;
  readonly #interrupt = () => this.#stopWaiting?.();
  #stopWaiting: (() => void) | null = null;
  #expired = false;

  /** Whoever makes one ends it, with {@link CallSpan.leave}. */
  constructor(life: ClientLife, time: ClientTime, timeoutMs: number, { signal, background = false }: SpanOptions = {}) {
    this.#life = life;
    this.#time = time;
    this.timeoutMs = timeoutMs;
    this.#deadline = time.now() + timeoutMs;
    this.#signal = signal;
    this.#background = background;
    life.enter(this.#interrupt);
    signal?.addEventListener('abort', this.#interrupt, { once: true });
  }

  leave(): void {
    this.#life.leave(this.#interrupt);
    this.#signal?.removeEventListener('abort', this.#interrupt);
  }

  /** Why the call is over, or null while it is not. */
  get end(): CallEnd | null {
    if (this.#signal?.aborted) return 'aborted';
    if (this.#life.isClosed) return 'closed';
    return this.#expired || this.#time.now() >= this.#deadline ? 'timeout' : null;
  }

  /** Rejects with `connection_lost` where there is no answer after `limitMs`, or before the call is over. */
  attempt(channel: Channel, endpoint: string, request: ChannelRequest, limitMs = Number.POSITIVE_INFINITY): Promise<Answer> {
    const controller = new AbortController();
    return new Promise((resolve, reject) => {
      const arrived = this.#wait(limitMs, () => {
        reject(connectionLost(endpoint));
        controller.abort();
      });
      const timeoutMs = serverTimeoutMs(this.#deadline - this.#time.now());
      // A signal costs more than the rest of an attempt, so only a channel that looks at it gets one made.
      const options = {
        timeoutMs,
        get signal() {
          return controller.signal;
        },
      };
      channel.call(endpoint, request, options).then(
        (answer) => {
          arrived();
          resolve(answer);
        },
        (error: unknown) => {
          arrived();
          reject(error);
        },
      );
    });
  }

  /** Resolves after `delayMs`, or early when the call is over. */
  pause(delayMs: number): Promise<void> {
    if (this.end !== null) return Promise.resolve();
    return new Promise((resolve) => void this.#wait(delayMs, resolve));
  }

  /**
   * Resolves with what `begin` is given in the end, or with null when the call is over before; then what `begin` has returned is called,
   * to take the wish back.
   */
  until<Value>(begin: (ready: (value: Value) => void) => () => void): Promise<Value | null> {
    if (this.end !== null) return Promise.resolve(null);
    return new Promise((resolve) => {
      const arrived = this.#wait(Number.POSITIVE_INFINITY, () => {
        giveUp();
        resolve(null);
      });
      const giveUp = begin((value) => {
        arrived();
        resolve(value);
      });
    });
  }

  /** Calls `stop` after `limitMs` or when the call is over, unless the function that it returns is called before. */
  #wait(limitMs: number, stop: () => void): () => void {
    const remainingMs = this.#deadline - this.#time.now();
    const interrupted = () => {
      done();
      stop();
    };
    const done = () => {
      cancel();
      // What was waited for may come to an end long after, when the call waits for something else.
      if (this.#stopWaiting === interrupted) this.#stopWaiting = null;
    };
    const late = () => {
      // A timer may be a little early by the clock; the deadline counts as reached all the same.
      if (remainingMs <= limitMs) this.#expired = true;
      interrupted();
    };
    const cancel = this.#time.after(Math.min(limitMs, remainingMs), late, this.#background);
    this.#stopWaiting = interrupted;
    return done;
  }
}

/** A little less than there is, because a server that gives up first still knows what became of the command. */
function serverTimeoutMs(remainingMs: number): number {
  return Math.min(Math.max(Math.floor(remainingMs - Math.min(remainingMs / 10, 100)), 1), 600_000);
}
