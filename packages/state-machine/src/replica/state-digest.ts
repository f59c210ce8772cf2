/** The two lanes of a {@link StateDigest}. */
export type DigestLanes = readonly [number, number];

/**
 * A running digest of what a machine did: two lanes of MurmurHash3 (32 bits each) with different constants, in pure integer arithmetic.
 * It tells replicas apart that differ by accident; it does not resist somebody who wants them to look alike.
 */
export class StateDigest {
  #a = 0x2f6e2b1 | 0;
  #b = 0x5bd1e995 | 0;

  get lanes(): DigestLanes {
    return [this.#a, this.#b];
  }

  set lanes([a, b]: DigestLanes) {
    this.#a = a | 0;
    this.#b = b | 0;
  }

  /** The digest of everything so far: a whole number of 53 bits, never 0. */
  get value(): number {
    return (finish(this.#a ^ this.#b) >>> 11) * 0x1_0000_0000 + finish(this.#b) || 1;
  }

  /** Takes in 32 bits of a number. */
  word(word: number): void {
    let k = Math.imul(word, 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    const a = this.#a ^ k;
    this.#a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
    k = Math.imul(word, 0x239b961b);
    k = Math.imul((k << 16) | (k >>> 16), 0x38b34ae5);
    const b = this.#b ^ k;
    this.#b = (Math.imul((b << 17) | (b >>> 15), 5) + 0x561ccd1b) | 0;
  }

  /** Takes in a whole number of at most 53 bits. */
  number(value: number): void {
    this.word(value | 0);
    this.word(Math.floor(value / 0x1_0000_0000) | 0);
  }

  /** Takes in bytes, and how many they are. */
  bytes(bytes: Uint8Array): void {
    const { length } = bytes;
    const whole = length & ~3;
    let at = 0;
    for (; at < whole; at += 4)
      this.word(
        (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24),
      );
    let rest = 0;
    for (; at < length; at++) rest = (rest << 8) | (bytes[at] as number);
    this.word(rest);
    this.word(length);
  }

  /** Takes in a text. */
  text(text: string): void {
    for (let at = 0; at < text.length; at++) this.word(text.charCodeAt(at));
    this.word(text.length);
  }
}

/** The last step of MurmurHash3: each bit depends on all others. */
function finish(lane: number): number {
  let mixed = lane;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
