import { EventQueue, type Task } from './event-queue.ts';
import { Trace } from './trace.ts';

export interface WorldOptions {
  /** Keep the lines of the trace, not only its hash. */
  readonly keepTrace?: boolean;
}

/**
 * Time, and what happens in it. One task runs at a time, and all promises that it settled have had their effects before the
 * next one begins: so nothing depends on anything but the order of the tasks, and that on the seed.
 *
 * Nothing in here may wait for the real world: a promise that only a timer or a file would settle never is.
 */
export class World {
  readonly trace: Trace;
  readonly #queue = new EventQueue();
  #now = 0;
  #order = 0;
  #tasksRun = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor({ keepTrace = false }: WorldOptions = {}) {
    this.trace = new Trace({ keep: keepTrace });
  }

  /** Simulated milliseconds since the beginning. */
  get now(): number {
    return this.#now;
  }

  /** Nothing is left to do: whatever is not settled never is. */
  get isIdle(): boolean {
    return this.#queue.first === undefined;
  }

  get tasksRun(): number {
    return this.#tasksRun;
  }

  /** Runs `run` once after `delayMs`; cancel by setting the task's `run` to null. */
  after(delayMs: number, run: () => void): Task {
    const task: Task = { at: this.#now + Math.max(0, delayMs), order: this.#order++, run };
    this.#queue.push(task);
    return task;
  }

  /** Resolves after `delayMs`. */
  pass(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }

  /** Ends the run with this error, of which only the first counts: something that must not happen did. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  get failed(): boolean {
    return this.#failure !== null;
  }

  /**
   * Lets time pass until `condition` holds; false where that did not happen by `until` (simulated milliseconds) or before
   * there was nothing left to do. Throws what {@link World.fail} was told.
   */
  async run(until: number, condition: () => boolean = () => false): Promise<boolean> {
    // Whoever calls may be a microtask or not: from here on it is one, so that a run does not depend on its caller.
    await null;
    await promisesSettled();
    while (this.#failure === null && !condition()) {
      const task = this.#queue.first;
      if (task === undefined || task.at > until) {
        if (until !== Number.POSITIVE_INFINITY) this.#now = Math.max(this.#now, until);
        break;
      }
      this.#queue.pop();
      const { run } = task;
      if (run === null) continue;
      this.#now = Math.max(this.#now, task.at);
      this.#tasksRun++;
      try {
        run();
      } catch (error) {
        this.fail(error);
      }
      await promisesSettled();
      if (this.#tasksRun % breathEvery === 0) await breath();
    }
    if (this.#failure !== null) throw this.#failure.error;
    return condition();
  }

  /** Lets time pass until `promise` settles. Throws what it rejects with, or where it does not settle by `until`. */
  async settled<T>(promise: Promise<T>, until = this.#now + 60_000): Promise<T> {
    let done = false;
    const mark = () => {
      done = true;
    };
    promise.then(mark, mark);
    if (!(await this.run(until, () => done))) throw new Error(`a promise did not settle by ${until} simulated ms`);
    return promise;
  }
}

/** After so many tasks, the process that simulates gets to hear what was sent to it. Nothing in the simulation depends on that. */
const breathEvery = 10_000;

function breath(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/**
 * Resolves when every promise that is settled by now, and whatever those settle in turn, has had its effects: Node runs what
 * is to run on the next tick only once no microtask is left.
 */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
