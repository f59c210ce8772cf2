import { TransportError } from '../transport-error.ts';
import { framePrefixBytes } from './frame.ts';

const noBytes = new Uint8Array(0);

/** How far ahead of the bytes received a buffer for an unfinished frame may grow. */
const growth = 4;

/**
 * Cuts a stream of bytes into frames, whatever the chunks are in which it arrives.
 *
 * A frame that lies within one chunk is a view of that chunk and keeps all of it alive; a frame that spans chunks is
 * gathered in a buffer of its own. That buffer grows with the bytes that are really there, to at most four times as
 * much, so that a length field alone takes no memory and no byte is copied more than a few times.
 */
export class FrameReader {
  readonly #frameBytesMax: number;
  #partial: Uint8Array = noBytes;
  #filled = 0;
  #failure: TransportError | null = null;

  /** `frameBytesMax` bounds a whole frame, its length field included. */
  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  /** Bytes held of a frame whose end has not arrived. */
  get pendingBytes(): number {
    return this.#filled;
  }

  /**
   * The frames that `chunk` completes, each with its length field. Throws `frame_too_large`, and then on every further
   * call: behind such a frame nobody knows where the next one begins.
   */
  read(chunk: Uint8Array): Uint8Array[] {
    if (this.#failure !== null) throw this.#failure;
    const frames: Uint8Array[] = [];
    let offset = this.#filled === 0 ? 0 : this.#resume(chunk, frames);
    while (chunk.length - offset >= framePrefixBytes) {
      const length = this.#frameLength(chunk, offset);
      if (chunk.length - offset < length) break;
      frames.push(chunk.subarray(offset, offset + length));
      offset += length;
    }
    if (offset < chunk.length) this.#begin(chunk.subarray(offset));
    return frames;
  }

  /** Continues the frame that an earlier chunk began; returns how many bytes of `chunk` went into it. */
  #resume(chunk: Uint8Array, frames: Uint8Array[]): number {
    let taken = 0;
    if (this.#filled < framePrefixBytes) {
      taken = Math.min(framePrefixBytes - this.#filled, chunk.length);
      this.#gather(chunk.subarray(0, taken), framePrefixBytes);
      if (this.#filled < framePrefixBytes) return taken;
    }
    const length = this.#frameLength(this.#partial, 0);
    const rest = chunk.subarray(taken, taken + length - this.#filled);
    this.#gather(rest, length);
    if (this.#filled === length) {
      frames.push(this.#partial);
      this.#partial = noBytes;
      this.#filled = 0;
    }
    return taken + rest.length;
  }

  #begin(start: Uint8Array): void {
    this.#gather(start, start.length < framePrefixBytes ? framePrefixBytes : this.#frameLength(start, 0));
  }

  /** Appends to the unfinished frame. Its buffer never exceeds `length`, so that a finished frame fills it exactly. */
  #gather(bytes: Uint8Array, length: number): void {
    const filled = this.#filled + bytes.length;
    if (filled > this.#partial.length) {
      const larger = new Uint8Array(Math.min(length, filled * growth));
      larger.set(this.#partial.subarray(0, this.#filled));
      this.#partial = larger;
    }
    this.#partial.set(bytes, this.#filled);
    this.#filled = filled;
  }

  #frameLength(bytes: Uint8Array, offset: number): number {
    const at = (i: number) => bytes[offset + i] as number;
    const length = framePrefixBytes + ((at(0) | (at(1) << 8) | (at(2) << 16) | (at(3) << 24)) >>> 0);
    if (length <= this.#frameBytesMax) return length;
    this.#partial = noBytes;
    this.#filled = 0;
    this.#failure = new TransportError(
      'frame_too_large',
      `a frame of ${length} bytes exceeds the ${this.#frameBytesMax} allowed`,
      'Raise frameBytesMax on all members, or check what else connects to this port.',
    );
    throw this.#failure;
  }
}
