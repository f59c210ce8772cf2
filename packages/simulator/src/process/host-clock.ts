import type { World } from '../engine/world.ts';

const bootWallTime = 1_700_000_000_000;

/** The clock of a machine: it may run fast or slow, and its wall clock may be set. It outlives the processes. */
export class HostClock {
  readonly #world: World;
  #rate = 1;
  /** When the rate was last changed, in simulated time and in this clock's own. */
  #since = 0;
  #atSince: number;
  #wallOffset: number;

  /** `origin`: what its monotonic clock shows at the beginning; `skewMs`: how far its wall clock is ahead. Both in milliseconds. */
  constructor(world: World, origin = 0, skewMs = 0) {
    this.#world = world;
    this.#atSince = origin;
    this.#wallOffset = bootWallTime - origin + skewMs;
  }

  /** Monotonic milliseconds. */
  now(): number {
    return this.#atSince + (this.#world.now - this.#since) * this.#rate;
  }

  /** Milliseconds since 1970. */
  wallTime(): number {
    return Math.floor(this.#wallOffset + this.now());
  }

  /** How many of this clock's milliseconds pass in one that is true. */
  get rate(): number {
    return this.#rate;
  }

  drift(rate: number): void {
    this.#atSince = this.now();
    this.#since = this.#world.now;
    this.#rate = rate;
  }

  /** Sets the wall clock forward, or back. The monotonic one is not touched. */
  jump(byMs: number): void {
    this.#wallOffset += byMs;
  }
}
