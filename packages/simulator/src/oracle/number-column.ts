type Numbers = Uint8Array | Uint32Array | Float64Array;

/** Numbers by position, 0 where none was set. Doubles when it is full: a few bytes for each, where an object takes a hundred. */
export class NumberColumn {
  #values: Numbers;

  /** `bits`: whole numbers of so many bits, or with 64 any number. */
  constructor(bits: 8 | 32 | 64) {
    this.#values = roomFor(bits, 1024);
  }

  at(position: number): number {
    return this.#values[position] ?? 0;
  }

  set(position: number, value: number): void {
    if (position >= this.#values.length) this.#grow(position);
    this.#values[position] = value;
  }

  #grow(position: number): void {
    const old = this.#values;
    this.#values = roomFor((old.BYTES_PER_ELEMENT * 8) as 8 | 32 | 64, Math.max(2 * old.length, position + 1));
    this.#values.set(old);
  }
}

function roomFor(bits: 8 | 32 | 64, length: number): Numbers {
  if (bits === 8) return new Uint8Array(length);
  return bits === 32 ? new Uint32Array(length) : new Float64Array(length);
}
