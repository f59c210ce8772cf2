import type { Socket } from 'node:net';
import { FrameReader, isTransportError, protocolError, type TransportError } from '@flotilla/transport';
import { handshakeBytesMax } from './handshake.ts';

/** What may come of waiting for a first frame, besides the socket being closed. */
export interface FirstFrameHandlers<T> {
  onFrame(first: T): void;
  onInvalid(error: TransportError): void;
  onTimeout(): void;
}

/**
 * Waits for the one frame with which a handshake begins or ends, and calls at most one of the handlers.
 *
 * Nothing may follow that frame unasked, so whatever does is an error; and the time counts from now to its last byte,
 * so that nobody can hold a connection by sending one byte at a time.
 */
export function awaitFirstFrame<T>(
  socket: Socket,
  timeoutMs: number,
  decode: (frame: Uint8Array) => T,
  handlers: FirstFrameHandlers<T>,
): void {
  const reader = new FrameReader(handshakeBytesMax);
  const timer = setTimeout(() => {
    stop();
    handlers.onTimeout();
  }, timeoutMs);
  socket.on('data', onData);
  socket.once('close', stop);

  function stop(): void {
    clearTimeout(timer);
    socket.off('data', onData);
    socket.off('close', stop);
  }

  function onData(chunk: Buffer): void {
    let first: { readonly value: T } | null;
    try {
      first = readOnly(reader, chunk, decode);
    } catch (error) {
      stop();
      if (!isTransportError(error)) throw error;
      handlers.onInvalid(error);
      return;
    }
    if (first === null) return;
    stop();
    handlers.onFrame(first.value);
  }
}

function readOnly<T>(reader: FrameReader, chunk: Uint8Array, decode: (frame: Uint8Array) => T): { readonly value: T } | null {
  const [frame, ...surplus] = reader.read(chunk);
  if (frame === undefined) return null;
  if (surplus.length > 0 || reader.pendingBytes > 0) throw protocolError('bytes follow a frame of the handshake that nobody asked for');
  return { value: decode(frame) };
}
