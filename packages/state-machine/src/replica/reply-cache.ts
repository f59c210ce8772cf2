import { decodeValue, encodeReply, encodeValue } from '../codec/codec.ts';
import type { Outcome } from '../contract.ts';
import { isMachineError } from '../machine-error.ts';
import type { StateSpace } from '../space/state-space.ts';
import { RecordTable, type StoredRecords } from './record-table.ts';

/** What came of a command of a session, kept for its repetitions. */
export interface Reply {
  /** The entry that was applied. */
  readonly index: number;
  readonly term: number;
  readonly session: number;
  readonly sequence: number;
  /** As {@link encodeOutcome} wrote it. */
  readonly outcome: Uint8Array;
}

/** All replies of a group take at most so much, in bytes: encoded, and what it costs to keep one. */
export const replyBytesMax = 64 * 1024 * 1024;
/** What a reply takes in memory besides its bytes, as measured on 64-bit Node: its objects, and its places in maps. */
const overheadBytes = 400;

/** The replies that are kept, of all sessions. Where they take too much, the oldest are forgotten first: on all members alike. */
export class ReplyCache {
  readonly #replies: RecordTable<number, Reply>;
  readonly #bytesMax: number;
  /** By age; those that are not kept any more are skipped. */
  #queue: Reply[] = [];
  #head = 0;
  #bytes = 0;

  constructor(tracksChanges: boolean, bytesMax = replyBytesMax) {
    this.#bytesMax = bytesMax;
    this.#replies = new RecordTable<number, Reply>('replies', { write: writeReply, read: readReply }, tracksChanges);
  }

  get records(): StoredRecords {
    return this.#replies;
  }

  /** Returns what was kept, by age. */
  load(space: StateSpace): Iterable<Reply> {
    this.#replies.load(space);
    this.#queue = [...this.#replies.values()];
    for (const reply of this.#queue) this.#bytes += sizeOf(reply);
    return this.#queue;
  }

  /** Returns the replies that are forgotten instead. */
  add(reply: Reply): readonly Reply[] {
    this.#replies.set(reply.index, reply);
    this.#queue.push(reply);
    this.#bytes += sizeOf(reply);
    const forgotten: Reply[] = [];
    while (this.#bytes > this.#bytesMax) {
      const oldest = this.#queue[this.#head++];
      if (oldest === undefined) break;
      if (this.#replies.get(oldest.index) !== oldest) continue;
      this.delete(oldest);
      forgotten.push(oldest);
    }
    this.#compact();
    return forgotten;
  }

  delete(reply: Reply): void {
    if (this.#replies.delete(reply.index)) this.#bytes -= sizeOf(reply);
  }

  #compact(): void {
    if (this.#queue.length < 2 * this.#replies.size + 1024) return;
    this.#queue = this.#queue.slice(this.#head).filter((reply) => this.#replies.get(reply.index) === reply);
    this.#head = 0;
  }
}

/** The outcome as bytes; null where the codec does not carry the reply. The events are not part of it: they are told once. */
export function encodeOutcome(outcome: Outcome): Uint8Array | null {
  try {
    if (outcome.kind === 'rejected') return encodeValue([outcome.code, outcome.message, outcome.details]);
    return outcome.encoded?.reply ?? encodeReply(outcome.reply);
  } catch (error) {
    if (isMachineError(error)) return null;
    throw error;
  }
}

/** Reads what {@link encodeOutcome} wrote. */
export function decodeOutcome(bytes: Uint8Array): Outcome {
  const parts = decodeValue(bytes) as readonly unknown[];
  if (parts.length === 1) return { kind: 'accepted', reply: parts[0], events: [] };
  const [code, message, details] = parts as readonly [string, string, unknown];
  return { kind: 'rejected', code, message, details };
}

function sizeOf({ outcome }: Reply): number {
  return outcome.length + overheadBytes;
}

function writeReply({ term, session, sequence, outcome }: Reply): unknown {
  return [term, session, sequence, outcome];
}

function readReply(index: number, written: unknown): Reply {
  const [term, session, sequence, outcome] = written as readonly [number, number, number, Uint8Array];
  return { index, term, session, sequence, outcome };
}
