/** A client from its first call to its end, with which everything ends that is under way. */
export class ClientLife {
  readonly #closed = new AbortController();
  readonly #underWay = new Set<() => void>();

  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  /** For what lasts long. A listener for each call would cost more than the call. */
  get signal(): AbortSignal {
    return this.#closed.signal;
  }

  /** `end` is called once if the client is closed before {@link ClientLife.leave}. */
  enter(end: () => void): void {
    this.#underWay.add(end);
  }

  leave(end: () => void): void {
    this.#underWay.delete(end);
  }

  close(): void {
    this.#closed.abort();
    for (const end of this.#underWay) end();
    this.#underWay.clear();
  }
}
