/** How many commands of a session may be without an acknowledged reply: from the lowest of them on. */
export const sessionWindow = 1024;

const wordBits = 32;

/** A set of sequence numbers that lie within one window, in a bit each: however many there are, it takes 128 bytes. */
export class SequenceWindow {
  readonly #words: Uint32Array;

  /** With what {@link toBytes} gave. */
  constructor(bytes?: Uint8Array) {
    this.#words = new Uint32Array(sessionWindow / wordBits);
    if (bytes === undefined) return;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let word = 0; word < this.#words.length; word++) this.#words[word] = view.getUint32(4 * word);
  }

  has(sequence: number): boolean {
    const bit = sequence % sessionWindow;
    return (((this.#words[bit >>> 5] as number) >>> (bit & 31)) & 1) === 1;
  }

  add(sequence: number): void {
    const bit = sequence % sessionWindow;
    this.#words[bit >>> 5] = ((this.#words[bit >>> 5] as number) | (1 << (bit & 31))) >>> 0;
  }

  delete(sequence: number): void {
    const bit = sequence % sessionWindow;
    this.#words[bit >>> 5] = ((this.#words[bit >>> 5] as number) & ~(1 << (bit & 31))) >>> 0;
  }

  toBytes(): Uint8Array {
    const bytes = new Uint8Array(4 * this.#words.length);
    const view = new DataView(bytes.buffer);
    for (const [at, word] of this.#words.entries()) view.setUint32(4 * at, word);
    return bytes;
  }
}
