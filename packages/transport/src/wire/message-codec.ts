import type { Message } from '@flotilla/core';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

/** How one kind of message travels: its code, and its fields in the order in which they are written. */
export interface MessageCodec<M extends Message> {
  /** Stable: a code that was once given away is never given to another kind. */
  readonly code: number;
  /** The bytes that `write` is going to write. */
  size(message: M): number;
  write(writer: WireWriter, message: M): void;
  read(reader: WireReader): M;
}

/** For each of these kinds its codec. */
export type CodecsOf<M extends Message> = { readonly [K in M['kind']]: MessageCodec<Extract<M, { kind: K }>> };

/** The bytes of the fields that have a fixed size. */
export const fieldBytes = { u32: 4, boolean: 1, integer: 8 } as const;
