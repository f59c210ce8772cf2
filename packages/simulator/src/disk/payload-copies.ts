const pieceBytes = 64 * 1024;

const nothing = new Uint8Array(0);

/**
 * Copies payloads into large shared pieces of memory: to give each an array of its own costs many times as much as its bytes. A
 * piece lives as long as any payload in it, and those that are next to each other were written one after the other.
 */
export class PayloadCopies {
  #piece = new Uint8Array(pieceBytes);
  #end = 0;

  copy(payload: Uint8Array): Uint8Array {
    const { length } = payload;
    if (length === 0) return nothing;
    if (length > pieceBytes / 4) return new Uint8Array(payload);
    if (this.#end + length > pieceBytes) {
      this.#piece = new Uint8Array(pieceBytes);
      this.#end = 0;
    }
    const start = this.#end;
    this.#end += length;
    this.#piece.set(payload, start);
    return this.#piece.subarray(start, this.#end);
  }
}
