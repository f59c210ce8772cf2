import { protocolError } from '@flotilla/transport';

// Frames of the transport itself go under group 0, which no group has: u32 length | u32 group 0 | u8 kind

const pingCode = 1;
const aliveCode = 2;

/** "Say that you live": travels with messages, from the side that sends them. */
export const pingFrame: Uint8Array = Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0, pingCode);

/** The answer to a ping, and all that ever travels in the other direction of a connection. */
export const aliveFrame: Uint8Array = Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0, aliveCode);

/** Whether a whole frame belongs to the transport itself. */
export function isControlFrame(frame: Uint8Array): boolean {
  return frame.length >= 8 && (frame[4] as number) + (frame[5] as number) + (frame[6] as number) + (frame[7] as number) === 0;
}

/** Throws `protocol_error` unless `frame` is a ping. */
export function expectPing(frame: Uint8Array): void {
  expectControl(frame, pingCode, 'a ping');
}

/** Throws `protocol_error` unless `frame` is the answer to a ping. */
export function expectAlive(frame: Uint8Array): void {
  expectControl(frame, aliveCode, 'a sign of life');
}

function expectControl(frame: Uint8Array, code: number, what: string): void {
  if (!isControlFrame(frame) || frame.length !== 9 || frame[8] !== code) throw protocolError(`a frame should be ${what} and is not`);
}
