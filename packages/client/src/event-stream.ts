/** Who is told of events. Whoever leaves out `error` has it reported by the platform, as an unhandled rejection. */
export interface EventObserver<Event> {
  next?(event: Event): void;
  error?(error: unknown): void;
  /** The stream has ended with its signal or with its client. */
  complete?(): void;
}

export interface EventSubscription {
  readonly closed: boolean;
  /** Nothing is told any more, from now on. */
  unsubscribe(): void;
}

// As RxJS and others ask for it: the symbol where somebody has defined it, and a name where nobody has.
const observable: symbol | string = (Symbol as { readonly observable?: symbol }).observable ?? '@@observable';

/**
 * Events, to be iterated over (`for await`), or observed: it has `subscribe`, and RxJS takes it (`from(client.$events())`). Begins anew
 * with each iteration and each subscription, and does nothing before. An iteration asks for an event when it has dealt with the one
 * before; a subscription takes them as they come.
 */
export class EventStream<Event> implements AsyncIterable<Event> {
  readonly #follow: (signal: AbortSignal) => AsyncGenerator<Event, void, void>;
  readonly #signal: AbortSignal;

  /** `follow` begins to follow, and ends when its signal aborts, at the latest with `signal`. */
  constructor(follow: (signal: AbortSignal) => AsyncGenerator<Event, void, void>, signal: AbortSignal) {
    this.#follow = follow;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Event, void, void> {
    return this.#follow(this.#signal);
  }

  /** Takes an observer, or what to do with each event. */
  subscribe(observer: EventObserver<Event> | ((event: Event) => void)): EventSubscription {
    const controller = new AbortController();
    void this.#tell(typeof observer === 'function' ? { next: observer } : observer, controller);
    return {
      get closed() {
        return controller.signal.aborted;
      },
      unsubscribe: () => controller.abort(),
    };
  }

  [observable](): this {
    return this;
  }

  async #tell(observer: EventObserver<Event>, controller: AbortController): Promise<void> {
    const { signal: unsubscribed } = controller;
    const events = this.#follow(AbortSignal.any([this.#signal, unsubscribed]));
    try {
      for (;;) {
        const step = await nextOf(events);
        if (unsubscribed.aborted) return;
        if (step.kind === 'event') {
          observer.next?.(step.event);
          continue;
        }
        controller.abort();
        if (step.kind === 'end') observer.complete?.();
        else if (observer.error === undefined) throw step.error;
        else observer.error(step.error);
        return;
      }
    } finally {
      // Also where the observer throws: it is not told any more.
      controller.abort();
    }
  }
}

type Step<Event> =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'end' }
  | { readonly kind: 'failure'; readonly error: unknown };

/** Tells failures of the stream from those of its observer. */
async function nextOf<Event>(events: AsyncGenerator<Event, void, void>): Promise<Step<Event>> {
  try {
    const { done, value } = await events.next();
    return done ? { kind: 'end' } : { kind: 'event', event: value };
  } catch (error) {
    return { kind: 'failure', error };
  }
}
