import { protocolError, WireReader, WireWriter } from '@flotilla/transport';
import { readIncarnation } from './incarnation.ts';
import { type Refusal, refusalFor } from './refusal-reason.ts';

// Frames of the transport itself go under group 0, which no group has: u32 length | u32 group 0 | u8 kind | fields
//   ping, alive  nothing
//   declined     text explanation | where one is remembered: text incarnation

const codes = { ping: 1, alive: 2, declined: 3 } as const;
const headerBytes = 4 + 4 + 1;

/**
 * "Say that you live", from the side that connected and sends. The first one goes out at once: it confirms that this side
 * has let the other one in, too.
 */
export const pingFrame: Uint8Array = controlFrame(codes.ping, new Uint8Array(0));

/** The answer to a ping, and all that ever travels in the other direction of a connection. */
export const aliveFrame: Uint8Array = controlFrame(codes.alive, new Uint8Array(0));

/** Instead of the first ping: the side that connected does not want to, because of the other one's incarnation. */
export function declinedFrame({ explanation, seen }: Pick<Refusal, 'explanation' | 'seen'>): Uint8Array {
  const texts = (seen === null ? [explanation] : [explanation, seen]).map((text) => Buffer.from(text));
  const fields = Buffer.allocUnsafe(texts.reduce((sum, { length }) => sum + 4 + length, 0));
  const writer = new WireWriter(fields);
  for (const text of texts) writer.sizedBytes(text);
  return controlFrame(codes.declined, fields);
}

/** Whether a whole frame belongs to the transport itself. */
export function isControlFrame(frame: Uint8Array): boolean {
  return frame.length >= 8 && (frame[4] as number) + (frame[5] as number) + (frame[6] as number) + (frame[7] as number) === 0;
}

/** Throws `protocol_error` unless `frame` is a ping. */
export function expectPing(frame: Uint8Array): void {
  open(frame, codes.ping, 'a ping').end();
}

/** Throws `protocol_error` unless `frame` is the answer to a ping. */
export function expectAlive(frame: Uint8Array): void {
  open(frame, codes.alive, 'a sign of life').end();
}

/** What follows a welcome: null for a ping, or why the other side declines. Throws `protocol_error`. */
export function decodeConfirmation(frame: Uint8Array): Refusal | null {
  if (frame[headerBytes - 1] !== codes.declined) {
    expectPing(frame);
    return null;
  }
  const reader = open(frame, codes.declined, 'a confirmation');
  const explanation = reader.text();
  const seen = reader.remaining === 0 ? null : readIncarnation(reader);
  reader.end();
  return refusalFor('incarnation-refused', explanation, seen);
}

function controlFrame(code: number, fields: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(headerBytes + fields.length);
  const writer = new WireWriter(frame);
  writer.u32(headerBytes - 4 + fields.length);
  writer.u32(0);
  writer.u8(code);
  writer.rawBytes(fields);
  return frame;
}

/** A reader of the fields of a control frame of this kind. */
function open(frame: Uint8Array, code: number, what: string): WireReader {
  if (!isControlFrame(frame) || frame[headerBytes - 1] !== code) throw protocolError(`a frame should be ${what} and is not`);
  const reader = new WireReader(frame);
  reader.rawBytes(headerBytes);
  return reader;
}
