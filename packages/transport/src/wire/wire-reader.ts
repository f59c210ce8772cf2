import { protocolError } from '../protocol-error.ts';

const u32Range = 0x1_0000_0000;
const printableAscii = /^[!-~]+$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads little-endian fields one behind the other. Whatever the bytes are, its methods throw nothing but a
 * `TransportError` with code `protocol_error`.
 */
export class WireReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Bytes that were not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number {
    this.#need(1);
    return this.#bytes[this.#offset++] as number;
  }

  boolean(): boolean {
    const value = this.u8();
    if (value > 1) throw protocolError(`${value} is neither false (0) nor true (1)`);
    return value === 1;
  }

  u32(): number {
    this.#need(4);
    return this.#take32();
  }

  /** Eight bytes that hold an integer from 0 to 2^53 − 1. */
  integer(): number {
    this.#need(8);
    const low = this.#take32();
    const high = this.#take32();
    if (high > 0x1f_ffff) throw protocolError('an integer is beyond 2^53 − 1');
    return high * u32Range + low;
  }

  /** How many items follow, each of at least `itemBytesMin` bytes: checked before anybody makes an array for them. */
  count(itemBytesMin: number): number {
    const count = this.u32();
    if (count * itemBytesMin > this.remaining) {
      throw protocolError(`${count} items of at least ${itemBytesMin} bytes cannot be in ${this.remaining} bytes`);
    }
    return count;
  }

  /** Bytes behind their own length: a plain `Uint8Array` that views the bytes that are read from, not a copy. */
  sizedBytes(): Uint8Array {
    return this.rawBytes(this.u32());
  }

  rawBytes(length: number): Uint8Array {
    this.#need(length);
    const view = new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#offset, length);
    this.#offset += length;
    return view;
  }

  /** UTF-8 text behind its length in bytes. */
  text(): string {
    const bytes = this.sizedBytes();
    try {
      return utf8.decode(bytes);
    } catch (error) {
      throw protocolError('a text is not valid UTF-8', error);
    }
  }

  /** An identifier behind its length: 1 to `charactersMax` printable ASCII characters without a space. */
  ascii(charactersMax: number): string {
    const length = this.u32();
    if (length === 0 || length > charactersMax) throw protocolError(`an identifier has ${length} characters`);
    const text = String.fromCharCode(...this.rawBytes(length));
    if (!printableAscii.test(text)) throw protocolError('an identifier is not printable ASCII');
    return text;
  }

  /** Everything must have been read: surplus bytes mean that the two sides do not speak the same language. */
  end(): void {
    if (this.remaining > 0) throw protocolError(`${this.remaining} bytes follow where the frame should end`);
  }

  #need(length: number): void {
    if (length > this.remaining) throw protocolError(`the frame ends ${length - this.remaining} bytes too early`);
  }

  #take32(): number {
    const bytes = this.#bytes;
    const offset = this.#offset;
    this.#offset = offset + 4;
    return (
      ((bytes[offset] as number) |
        ((bytes[offset + 1] as number) << 8) |
        ((bytes[offset + 2] as number) << 16) |
        ((bytes[offset + 3] as number) << 24)) >>>
      0
    );
  }
}
