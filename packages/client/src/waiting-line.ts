import { ClientError } from './client-error.ts';

/** How many calls may wait in one line. More are refused, so that a client that is too fast notices. */
const waitingMax = 10_000;

/** Calls that wait for something, first come first served. */
export class WaitingLine<Value> {
  readonly #waiting = new Set<(value: Value) => void>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Throws `overloaded` where the line is full. */
  assertRoom(): void {
    if (this.#waiting.size < waitingMax) return;
    const hint = 'Wait for replies before you make more, or use several clients.';
    throw new ClientError('overloaded', 'not-applied', `${waitingMax} calls of this client wait already`, hint);
  }

  /** `ready` is called once, unless what this returns is called before. */
  join(ready: (value: Value) => void): () => void {
    this.#waiting.add(ready);
    return () => void this.#waiting.delete(ready);
  }

  /** The first in the line gets the value. */
  serve(value: Value): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#waiting.delete(first);
    first(value);
  }

  /** Everybody in the line gets the value, in order. */
  serveAll(value: Value): void {
    const everybody = [...this.#waiting];
    this.#waiting.clear();
    for (const ready of everybody) ready(value);
  }
}
