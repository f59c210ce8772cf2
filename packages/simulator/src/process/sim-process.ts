import type { Clock, Scheduler } from '@flotilla/runtime';
import type { SeededRandom } from '../engine/seeded-random.ts';
import type { World } from '../engine/world.ts';
import type { HostClock } from './host-clock.ts';

export interface SimProcessOptions {
  readonly world: World;
  readonly clock: HostClock;
  readonly random: SeededRandom;
  /** How long a turn of its event loop takes on average, in milliseconds: what arrives meanwhile is taken in together. */
  readonly turnMs: number;
}

/**
 * A process from its start to its end, as the production code in it sees it: its clock and its event loop.
 *
 * Whatever reaches the process comes through {@link SimProcess.enter}: a process that is dead takes nothing in any more, and
 * one that is paused takes it in once it goes on.
 */
export class SimProcess implements Clock, Scheduler {
  readonly clock: HostClock;
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #turnMs: number;
  #state: 'running' | 'paused' | 'dead' = 'running';
  #lateTimers: (() => void)[] = [];
  #late: (() => void)[] = [];

  constructor({ world, clock, random, turnMs }: SimProcessOptions) {
    this.#world = world;
    this.clock = clock;
    this.#random = random;
    this.#turnMs = turnMs;
  }

  get alive(): boolean {
    return this.#state !== 'dead';
  }

  get paused(): boolean {
    return this.#state === 'paused';
  }

  now(): number {
    return this.clock.now();
  }

  wallTime(): number {
    return this.clock.wallTime();
  }

  nextTurn(task: () => void): void {
    this.#world.after(this.#turnMs === 0 ? 0 : this.#random.exponential(this.#turnMs), () => this.enter(task));
  }

  /** By this process's own clock. */
  after(delayMs: number, run: () => void): () => void {
    let cancelled = false;
    const fire = () => {
      if (!cancelled) run();
    };
    const task = this.#world.after(Math.max(0, delayMs) / this.clock.rate, () => {
      if (this.#state === 'paused') this.#lateTimers.push(fire);
      else this.enter(fire);
    });
    return () => {
      cancelled = true;
      task.run = null;
    };
  }

  /** Lets something from outside happen in this process: a message that arrives, a disk that is done. */
  enter(run: () => void): void {
    if (this.#state === 'running') run();
    else if (this.#state === 'paused') this.#late.push(run);
  }

  /** As SIGSTOP does: time goes on, and nothing else. */
  pause(): void {
    if (this.#state === 'running') this.#state = 'paused';
  }

  /** Timers that are due come first, as in any event loop, then what arrived meanwhile. */
  resume(): void {
    if (this.#state !== 'paused') return;
    this.#state = 'running';
    const late = [...this.#lateTimers, ...this.#late];
    this.#lateTimers = [];
    this.#late = [];
    for (const run of late) this.#world.after(0, () => this.enter(run));
  }

  /** As SIGKILL does: none of its code runs any more, not even what it was waiting for. */
  kill(): void {
    this.#state = 'dead';
    this.#lateTimers = [];
    this.#late = [];
  }
}
