import type { Socket } from 'node:net';

/** Idle time after which the system asks whether the other side is still there. */
export const keepAliveDelayMs = 5_000;

/** `host:port` of the other side, as far as the system knows it. */
export function remoteAddress(socket: Socket): string {
  return formatAddress({ host: socket.remoteAddress ?? 'unknown', port: socket.remotePort ?? 0 });
}

export function formatAddress({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Calls `onClosed` once, when the socket is gone, with a reason for logs. Without this an error would be thrown. */
export function watchSocket(socket: Socket, onClosed: (reason: string) => void): void {
  let reason = 'closed by the other side';
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reason = error.code ?? error.message;
  });
  socket.once('close', () => onClosed(reason));
}
