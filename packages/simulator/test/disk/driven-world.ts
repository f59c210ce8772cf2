import { World } from '../../src/engine/world.ts';

/** A world whose time passes whenever somebody waits for something in it, for tests that know nothing of worlds. */
export class DrivenWorld {
  readonly world = new World();
  #running: Promise<unknown> | null = null;

  /** Settles as `promise` does; rejects where nothing is left that could settle it. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const mark = () => {
      done = true;
    };
    promise.then(mark, mark);
    for (let idle = 0; !done && idle < 3; ) {
      const before = this.world.tasksRun;
      this.#running ??= this.world.run(Number.POSITIVE_INFINITY).finally(() => {
        this.#running = null;
      });
      await this.#running;
      idle = this.world.tasksRun === before ? idle + 1 : 0;
    }
    if (!done) throw new Error('nothing is left to happen');
    return promise;
  }
}
