import { FlotillaError } from '@flotilla/core';

const u32Range = 0x1_0000_0000;

/**
 * Writes little-endian fields one behind the other into a buffer that was measured beforehand.
 *
 * Throws `invariant_violated` for a value that does not fit its field: what is to be sent comes from this process, so
 * that would be a defect and no condition of the network.
 */
export class WireWriter {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  u8(value: number): void {
    if (value !== (value & 0xff)) throw doesNotFit(value, 'one byte');
    this.#bytes[this.#offset++] = value;
  }

  boolean(value: boolean): void {
    this.#bytes[this.#offset++] = value ? 1 : 0;
  }

  u32(value: number): void {
    if (value !== value >>> 0) throw doesNotFit(value, 'four bytes');
    this.#put32(value);
  }

  /** An index, a term, a time or an identifier: an integer from 0 to 2^53 − 1, in eight bytes. */
  integer(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw doesNotFit(value, 'a safe non-negative integer');
    this.#put32(value % u32Range);
    this.#put32(Math.floor(value / u32Range));
  }

  /** Bytes behind their own length. */
  sizedBytes(value: Uint8Array): void {
    this.u32(value.length);
    this.rawBytes(value);
  }

  rawBytes(value: Uint8Array): void {
    this.#bytes.set(value, this.#offset);
    this.#offset += value.length;
  }

  /** An identifier behind its length: 1 to `charactersMax` printable ASCII characters without a space. */
  ascii(value: string, charactersMax: number): void {
    if (value.length > charactersMax || !/^[!-~]+$/.test(value))
      throw doesNotFit(value, `an identifier of ${charactersMax} ASCII characters`);
    this.u32(value.length);
    for (let i = 0; i < value.length; i++) this.#bytes[this.#offset++] = value.charCodeAt(i);
  }

  #put32(value: number): void {
    const bytes = this.#bytes;
    const offset = this.#offset;
    bytes[offset] = value;
    bytes[offset + 1] = value >>> 8;
    bytes[offset + 2] = value >>> 16;
    bytes[offset + 3] = value >>> 24;
    this.#offset = offset + 4;
  }
}

function doesNotFit(value: number | string, field: string): FlotillaError {
  return new FlotillaError(
    'invariant_violated',
    `${value} does not fit ${field} of a frame`,
    'This is a defect of the code that made the message: please report it.',
  );
}
