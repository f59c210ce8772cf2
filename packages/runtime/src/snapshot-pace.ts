import { inject, injectable } from 'inversify';
import type { HostConfig } from './host-config.ts';
import type { Clock } from './ports.ts';
import { tokens } from './tokens.ts';

const partBytesMin = 1024;

/** What the groups of a host share: one state is stored at a time, and what is sent of them stays below a rate. */
@injectable()
export class SnapshotPace {
  readonly #bytesPerMs: number;
  readonly #heartbeatIntervalMs: number;
  readonly #clock: Clock;
  #stored: Promise<unknown> = Promise.resolve();
  /** When what was sent so far has used up its share of the rate. */
  #freeAt = Number.NEGATIVE_INFINITY;

  constructor(@inject(tokens.hostConfig) { limits, raft }: HostConfig, @inject(tokens.clock) clock: Clock) {
    this.#bytesPerMs = limits.snapshotBytesPerSecondMax / 1000;
    this.#heartbeatIntervalMs = raft.heartbeatIntervalMs;
    this.#clock = clock;
  }

  /** Stores a state when those are stored that were to be stored before. */
  store<T>(work: () => Promise<T>): Promise<T> {
    const stored = this.#stored.then(work);
    this.#stored = stored.catch(() => {});
    return stored;
  }

  /** The most bytes of one part: so few that one follows the other no more slowly than heartbeats do. */
  partBytesMax(bytesMax: number): number {
    return Math.min(bytesMax, Math.max(partBytesMin, Math.floor(this.#bytesPerMs * this.#heartbeatIntervalMs)));
  }

  /** How many whole milliseconds to wait before so many bytes are sent. They count as sent from now on. */
  send(bytes: number): number {
    const now = this.#clock.now();
    const begin = Math.max(now, this.#freeAt);
    this.#freeAt = begin + bytes / this.#bytesPerMs;
    return Math.floor(begin - now);
  }
}
