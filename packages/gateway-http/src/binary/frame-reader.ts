const lengthBytes = 4;

/** Somebody announced a frame that is larger than this gateway takes. */
export class FrameTooLarge extends Error {}

/**
 * Cuts a stream of bytes into frames: a length (4 bytes, big-endian), then that many bytes. Holds no more than what has arrived, of a
 * frame whose length is within the bound.
 */
export class FrameReader {
  readonly #bytesMax: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** The length of the frame that is arriving; null until that has arrived itself. */
  #expected: number | null = null;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** The next whole frame, or null until more has arrived. Throws {@link FrameTooLarge}. */
  next(): Uint8Array | null {
    if (this.#expected === null) {
      if (this.#bytes < lengthBytes) return null;
      this.#expected = this.#take(lengthBytes).readUInt32BE();
      if (this.#expected > this.#bytesMax)
        throw new FrameTooLarge(`a frame of ${this.#expected} bytes; at most ${this.#bytesMax} are taken`);
    }
    if (this.#bytes < this.#expected) return null;
    const frame = this.#take(this.#expected);
    this.#expected = null;
    return frame;
  }

  #take(length: number): Buffer {
    const [first] = this.#chunks;
    const all = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    this.#chunks = [all.subarray(length)];
    this.#bytes -= length;
    return all.subarray(0, length);
  }
}
