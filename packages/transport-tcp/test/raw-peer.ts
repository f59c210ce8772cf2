import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { FrameReader } from '@flotilla/transport';
import { until } from '@flotilla/transport/testing';
import { pingFrame } from '../src/control-frame.ts';
import { encodeAnswer, encodeHello, type Hello } from '../src/handshake.ts';

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

/** How a test introduces itself to member 2. */
export function helloTo2(sender: number, others: Partial<Hello> = {}): Uint8Array {
  return encodeHello({ sender, receiver: 2, clusterId: 'test', incarnation: 'first', address: '127.0.0.1:1', ...others });
}

/** Connects as `sender` to the transport of member 2. */
export async function introduce(port: number, sender: number, others: Partial<Hello> = {}): Promise<RawConnection> {
  const connection = await knock(port);
  connection.socket.write(helloTo2(sender, others));
  return connection;
}

/** Connects as `sender` to the transport of member 2, waits for the welcome and confirms it. */
export async function enter(port: number, sender: number, others: Partial<Hello> = {}): Promise<RawConnection> {
  const connection = await introduce(port, sender, others);
  await until('the welcome', () => connection.frames.length > 0);
  connection.socket.write(pingFrame);
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
  socket.write(encodeAnswer({ kind: 'welcome', incarnation: '' }));
  socket.pause();
}
