import { inject, injectable } from 'inversify';
import type { Logger } from './ports.ts';
import { tokens } from './tokens.ts';

/**
 * The one way to end a host that must not go on: its disk failed, or the machine of one of its groups did.
 *
 * A failed fsync is never tried again, because the kernel may already have forgotten what it could not write.
 */
@injectable()
export class FailStop {
  readonly #logger: Logger;
  readonly #listeners: ((reason: unknown) => void)[] = [];
  #reason: { readonly error: unknown } | null = null;

  constructor(@inject(tokens.logger) logger: Logger) {
    this.#logger = logger;
  }

  get tripped(): boolean {
    return this.#reason !== null;
  }

  /** Calls `listener` once with what went wrong; at once where it already has. */
  onTrip(listener: (reason: unknown) => void): void {
    if (this.#reason) listener(this.#reason.error);
    else this.#listeners.push(listener);
  }

  /** Runs `act`; what it throws ends the host. */
  guard(act: () => void): void {
    try {
      act();
    } catch (error) {
      this.trip(error);
    }
  }

  /** Ends the host. Only the first reason counts. */
  trip(error: unknown): void {
    if (this.#reason) return;
    this.#reason = { error };
    this.#logger.error({ err: error }, 'this host cannot go on and stops');
    for (const listener of this.#listeners) {
      try {
        listener(error);
      } catch (cause) {
        this.#logger.error({ err: cause }, 'a listener to the failure of this host threw');
      }
    }
  }
}
