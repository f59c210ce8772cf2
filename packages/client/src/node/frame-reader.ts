import { decodeValue } from '@flotilla/state-machine';

const lengthBytes = 4;

/** The largest frame that is believed, in bytes: whoever announces more speaks another protocol. */
const frameBytesMax = 256 * 1024 * 1024;

/** Cuts what a member sends into frames: a length (4 bytes, big-endian), then that many bytes of MessagePack. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #bytes = 0;
  /** How many bytes have to be there before it is worth looking again. */
  #wanted = lengthBytes;

  /** The values of the frames that are complete with this chunk. Throws for what cannot be frames of a member. */
  *read(chunk: Uint8Array): Generator<readonly unknown[], void, void> {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#wanted) return;
    let rest: Uint8Array = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    for (;;) {
      this.#wanted = rest.length < lengthBytes ? lengthBytes : lengthBytes + lengthOf(rest);
      if (rest.length < this.#wanted) break;
      const value = decodeValue(rest.subarray(lengthBytes, this.#wanted));
      rest = rest.subarray(this.#wanted);
      if (!Array.isArray(value)) throw new Error('a frame has no list');
      yield value;
    }
    this.#chunks = [rest];
    this.#bytes = rest.length;
  }
}

function lengthOf(bytes: Uint8Array): number {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (length > frameBytesMax) throw new Error(`a frame has ${length} bytes`);
  return length;
}
