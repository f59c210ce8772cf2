import { draw } from '@flotilla/core';

/** A seeded generator of everything that a simulation leaves to chance. */
export class SeededRandom {
  readonly #origin: number;
  #seed: number;

  /** `seed` is any integer; only its lower 32 bits count. */
  constructor(seed: number) {
    this.#origin = seed | 0;
    this.#seed = this.#origin;
  }

  /**
   * A generator of its own for one purpose. It depends on this one's seed and the label only, and drawing from it changes nothing
   * here: so what one part of a simulation draws does not depend on how much the others do.
   */
  fork(label: string): SeededRandom {
    let hash = this.#origin ^ 0x9e37_79b9;
    for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x0100_0193);
    return new SeededRandom(Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d));
  }

  /** In [0, 1). */
  next(): number {
    const { seed, value } = draw(this.#seed);
    this.#seed = seed;
    return value;
  }

  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  /** A whole number, both bounds included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  between(min: number, max: number): number {
    return min + this.next() * (max - min);
  }

  /** Of the exponential distribution with this mean: many small values, few large ones. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.integer(0, items.length - 1)];
    if (item === undefined) throw new RangeError('there is nothing to pick from');
    return item;
  }

  /** A new array with the same items in random order. */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
    }
    return shuffled;
  }
}
