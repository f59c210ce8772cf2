import type { Socket } from 'node:net';
import { formatAddress } from './tcp-address.ts';

/** Idle time after which the system asks whether the other side is still there. */
export const keepAliveDelayMs = 5_000;

/** `host:port` of the other side, as far as the system knows it. */
export function remoteAddress(socket: Socket): string {
  return formatAddress({ host: socket.remoteAddress ?? 'unknown', port: socket.remotePort ?? 0 });
}

/** Calls `onClosed` once, when the socket is gone, with a reason for logs. Without this an error would be thrown. */
export function watchSocket(socket: Socket, onClosed: (reason: string) => void): void {
  let reason = 'closed by the other side';
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reason = error.code ?? error.message;
  });
  socket.once('close', () => onClosed(reason));
}

/** Closes the socket behind one last frame. Who does not even read that gets no more than `timeoutMs`. */
export function endWith(socket: Socket, frame: Uint8Array, timeoutMs: number): void {
  socket.end(frame);
  socket.destroySoon();
  socket.setTimeout(timeoutMs, () => socket.destroy());
}
