import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { FrameReader } from '@flotilla/transport';
import { encodeAnswer, encodeHello } from '../src/handshake.ts';

/** A connection whose bytes a test writes itself. */
export interface RawConnection {
  readonly socket: Socket;
  readonly frames: Uint8Array[];
  readonly closed: Promise<void>;
}

/** Connects to a transport without a word. */
export async function knock(port: number): Promise<RawConnection> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  const frames: Uint8Array[] = [];
  const reader = new FrameReader(1_000_000);
  socket.on('data', (chunk) => frames.push(...reader.read(chunk as Buffer)));
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await once(socket, 'connect');
  return { socket, frames, closed };
}

/** Connects as `sender` to the transport of `receiver`. */
export async function introduce(port: number, sender: number, receiver: number, clusterId = 'test'): Promise<RawConnection> {
  const connection = await knock(port);
  connection.socket.write(encodeHello({ sender, receiver, clusterId }));
  return connection;
}

/** Listens in the place of a member; `onConnection` gets every connection as soon as its hello has arrived. */
export async function listenRaw(
  onHello: (socket: Socket) => void,
): Promise<{ readonly port: number; readonly server: Server; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    socket.once('data', () => onHello(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    server,
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Lets a transport in and then reads nothing any more. */
export function welcomeAndStopReading(socket: Socket): void {
  socket.write(encodeAnswer({ kind: 'welcome' }));
  socket.pause();
}
