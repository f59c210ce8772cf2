import { MachineError } from '../machine-error.ts';
import { readUtf8 } from './utf8.ts';

/** Reads bytes from front to back and never past the end: it throws a `MachineError` instead. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #lazyView: DataView | null = null;
  #position = 0;
  #itemsLeft: number;

  /** More than `itemsMax` items throw `invalid_input`. */
  constructor(bytes: Uint8Array, itemsMax = Number.POSITIVE_INFINITY) {
    this.#itemsLeft = itemsMax;
    // A plain view of what may be a subclass, such as Node's Buffer, whose `slice` would not copy.
    this.#bytes = bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Made for the first number that needs it: a view costs more than to read a short message, which seldom has such numbers. */
  get #view(): DataView {
    this.#lazyView ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#lazyView;
  }

  get position(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** Says that so many items follow. */
  countItems(count: number): void {
    this.#itemsLeft -= count;
    if (this.#itemsLeft >= 0) return;
    throw new MachineError('invalid_input', 'the value has too many items', 'Send it in several parts.');
  }

  uint8(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  uint16(): number {
    const at = this.#take(2);
    return (this.#bytes[at] as number) * 0x100 + (this.#bytes[at + 1] as number);
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  uint32(): number {
    return this.uint16() * 0x1_0000 + this.uint16();
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  float32(): number {
    return this.#view.getFloat32(this.#take(4));
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  /** A copy, so that a small value never keeps a large buffer alive or changes with it. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.slice(start, start + length);
  }

  text(length: number): string {
    const start = this.#take(length);
    const text = readUtf8(this.#bytes, start, start + length);
    if (text === null) throw malformed('a string is not valid UTF-8');
    return text;
  }

  #take(length: number): number {
    if (length > this.remaining) throw malformed('the bytes end too early');
    const start = this.#position;
    this.#position += length;
    return start;
  }
}

export function malformed(message: string): MachineError {
  return new MachineError('malformed_payload', message, 'These bytes were not written by the codec of a machine, or were damaged.');
}
