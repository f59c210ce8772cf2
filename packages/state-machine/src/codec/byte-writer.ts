import { Unencodable } from './format.ts';
import { writeUtf8 } from './utf8.ts';

/** Bytes that grow at the end. Numbers are big-endian, as MessagePack wants them. */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;
  #bytesMax = Number.POSITIVE_INFINITY;
  #itemsLeft = Number.POSITIVE_INFINITY;

  /** `room` is written over. */
  constructor(room: Uint8Array) {
    this.#bytes = room;
    this.#view = new DataView(room.buffer, room.byteOffset, room.byteLength);
  }

  /** Begins anew. What takes more than the room there is, and more than `bytesMax`, throws `Unencodable`, as do more than `itemsMax` items. */
  begin(bytesMax: number, itemsMax: number): void {
    this.#length = 0;
    this.#bytesMax = bytesMax;
    this.#itemsLeft = itemsMax;
  }

  /** Says that so many items follow. */
  countItems(count: number): void {
    this.#itemsLeft -= count;
    if (this.#itemsLeft < 0) throw new Unencodable('a value has too many items');
  }

  get length(): number {
    return this.#length;
  }

  /** The room of the constructor, or a larger one. */
  get room(): Uint8Array {
    return this.#bytes;
  }

  /** A copy of exactly what was written. */
  toBytes(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  uint16(value: number): void {
    this.#reserve(2);
    this.#view.setUint16(this.#length, value);
    this.#length += 2;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
  }

  int64(value: bigint): void {
    this.#reserve(8);
    this.#view.setBigInt64(this.#length, value);
    this.#length += 8;
  }

  float64(value: number): void {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value);
    this.#length += 8;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** Writes well-formed `text`, which takes `length` bytes of UTF-8. */
  text(text: string, length: number): void {
    this.#reserve(length);
    writeUtf8(text, this.#bytes, this.#length);
    this.#length += length;
  }

  /** Overwrites four bytes that were written before. */
  patchUint32(position: number, value: number): void {
    this.#view.setUint32(position, value);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    if (needed > this.#bytesMax) throw new Unencodable(`a value takes more than ${this.#bytesMax} bytes`);
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
