import type { GroupMessage } from '../transport.ts';
import { decodeFrame, encodeFrames, framesSize } from '../wire/frame.ts';
import { FrameReader } from '../wire/frame-reader.ts';

/** Later, but soon: runs `task` once, after the caller has returned. */
export type Schedule = (task: () => void) => void;

// What is sent was encoded by this process: only the four bytes of the length field bound it.
const frameBytesMax = 0xffff_ffff + 4;

/** One direction between two members: what was sent and has not arrived yet, in order. */
export class MemoryLink {
  readonly #schedule: Schedule;
  readonly #queueBytesMax: number;
  readonly #deliver: (messages: readonly GroupMessage[]) => void;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #scheduled = false;

  constructor(schedule: Schedule, queueBytesMax: number, deliver: (messages: readonly GroupMessage[]) => void) {
    this.#schedule = schedule;
    this.#queueBytesMax = queueBytesMax;
    this.#deliver = deliver;
  }

  /** Whether the batch found room in the queue. */
  send(messages: readonly GroupMessage[]): boolean {
    const size = framesSize(messages);
    if (this.#queuedBytes + size > this.#queueBytesMax) return false;
    this.#queue.push(encodeFrames(messages, size));
    this.#queuedBytes += size;
    if (!this.#scheduled) {
      this.#scheduled = true;
      this.#schedule(() => this.#arrive());
    }
    return true;
  }

  /** Loses what is on its way, as a broken connection does. */
  lose(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  #arrive(): void {
    const queue = this.#queue;
    this.lose();
    this.#scheduled = false;
    const reader = new FrameReader(frameBytesMax);
    const messages = queue.flatMap((bytes) => reader.read(bytes).map(decodeFrame));
    if (messages.length > 0) this.#deliver(messages);
  }
}
