/** Pauses between attempts: doubling from `minMs` to `maxMs`, each shortened by up to half at random. */
export class BackOff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #random: () => number;
  #attempts = 0;

  constructor({ minMs, maxMs }: { readonly minMs: number; readonly maxMs: number }, random: () => number) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#random = random;
  }

  /** Milliseconds until the next attempt. Jitter keeps the hosts of a cluster from knocking all at once. */
  next(): number {
    const full = Math.min(this.#maxMs, this.#minMs * 2 ** this.#attempts);
    if (full < this.#maxMs) this.#attempts++;
    return full * (1 - this.#random() / 2);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
