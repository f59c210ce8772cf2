/** Signs of life that one needs less often than messages: a fraction of the timeout. */
export const pingsPerTimeout = 5;

/**
 * Whether the other side of a connection still answers.
 *
 * TCP's own keep-alive is silent while sent bytes are unacknowledged, and a leader always has some under way: without
 * this, messages to a host that lost its power or its cable would vanish for as long as the system retransmits, which
 * is many minutes. No timer is needed: what is never sent is never missed.
 */
export class Liveness {
  readonly #timeoutMs: number;
  #askedAt: number | null = null;
  #nextPingAt = 0;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Whether a ping should go along with what is sent at `now`; if so, it counts as sent. */
  shouldPing(now: number): boolean {
    if (this.#askedAt !== null || now < this.#nextPingAt) return false;
    this.#askedAt = now;
    this.#nextPingAt = now + this.#timeoutMs / pingsPerTimeout;
    return true;
  }

  /** Something came back. */
  heard(): void {
    this.#askedAt = null;
  }

  isOverdue(now: number): boolean {
    return this.#askedAt !== null && now - this.#askedAt > this.#timeoutMs;
  }
}
