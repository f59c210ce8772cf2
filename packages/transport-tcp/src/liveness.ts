/** Intervals that a timeout is divided into: at the end of each the other side is asked, or given up. */
export const intervalsPerTimeout = 3;

/**
 * Whether the other side of a connection still answers.
 *
 * TCP's own keep-alive is silent while sent bytes are unacknowledged, and a leader always has some under way: without
 * this, messages to a host that lost its power or its cable would vanish for as long as the system retransmits, which
 * is many minutes. A stopped process is worse, for its system goes on acknowledging.
 *
 * Intervals are counted, not time: a host whose event loop was blocked, or whose process was stopped, has asked nobody
 * meanwhile and must not take its own absence for that of others. What falls silent right after an answer is asked at the
 * end of two intervals in vain, and given up at the end of the third: within the timeout.
 */
export class Liveness {
  #asked = 0;

  /** An interval is over. Whether to ask now; false where the other side is to be given up. */
  ask(): boolean {
    if (this.#asked === intervalsPerTimeout - 1) return false;
    this.#asked++;
    return true;
  }

  /** Something came back. */
  heard(): void {
    this.#asked = 0;
  }
}
