import { FlotillaError } from '@flotilla/core';
import type { World } from '@flotilla/simulator/cluster';

/** Something that a test waits for. */
interface Waiting {
  /** In simulated milliseconds. */
  readonly until: number;
  readonly holds: () => boolean;
  readonly end: () => void;
  /** False where nobody hears of it any more. */
  readonly fail: (error: unknown) => boolean;
}

/**
 * The time of a cluster in a test. It passes while somebody waits for something in it, as fast as the machine goes, and stands still
 * otherwise: so what a test does besides takes no time, and its outcome does not depend on how fast it is done.
 */
export class VirtualTime {
  readonly #world: World;
  readonly #waiting = new Set<Waiting>();
  #passing = false;
  #hasFailed = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** Something must not have happened, and somebody who waited was told. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Lets so many milliseconds pass. Rejects where something must not have happened meanwhile. */
  advance(ms: number): Promise<void> {
    const until = this.#world.now + ms;
    return new Promise((resolve, reject) => this.#wait({ until, holds: () => false, end: resolve, fail: told(reject) }));
  }

  /** As `promise`, and lets time pass until then. Rejects with `not_settled` where that takes longer than `withinMs`. */
  settle<T>(promise: PromiseLike<T>, withinMs = Number.POSITIVE_INFINITY): Promise<T> {
    const until = this.#world.now + withinMs;
    return new Promise((resolve, reject) => {
      let settled = false;
      this.#wait({
        until,
        holds: () => settled,
        end: () => settled || reject(notSettled(withinMs)),
        fail: (error) => !settled && told(reject)(error),
      });
      const settle =
        <V>(tell: (value: V) => void) =>
        (value: V) => {
          settled = true;
          tell(value);
        };
      promise.then(settle(resolve), settle(reject));
    });
  }

  #wait(waiting: Waiting): void {
    this.#waiting.add(waiting);
    if (this.#passing) return;
    this.#passing = true;
    void this.#pass();
  }

  async #pass(): Promise<void> {
    try {
      while (this.#waiting.size > 0) {
        await this.#world.run(Math.min(...[...this.#waiting].map(({ until }) => until)), () => this.#someHold());
        const isOver = this.#world.isIdle;
        for (const each of this.#waiting) {
          if (!each.holds() && this.#world.now < each.until && !isOver) continue;
          this.#waiting.delete(each);
          each.end();
        }
        // Who was waiting goes on first, and may ask for more.
        await nextTurn();
      }
    } catch (error) {
      for (const { fail } of this.#waiting) this.#hasFailed = fail(error) || this.#hasFailed;
      this.#waiting.clear();
    }
    this.#passing = false;
  }

  #someHold(): boolean {
    for (const { holds } of this.#waiting) if (holds()) return true;
    return false;
  }
}

function told(reject: (error: unknown) => void): (error: unknown) => boolean {
  return (error) => {
    reject(error);
    return true;
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function notSettled(withinMs: number): FlotillaError {
  return new FlotillaError(
    'not_settled',
    withinMs === Number.POSITIVE_INFINITY
      ? 'what the test waits for never comes'
      : `what the test waits for did not come within ${withinMs} ms of virtual time`,
    'Virtual time passes as long as you wait. What waits for the real world, such as a file or a timer of Node, is not waited for.',
  );
}
