import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { decodeValue, encodeValue } from '@flotilla/state-machine';

/** A call as it comes over the wire: `[id, kind, ...fields]`. */
export type Frame = readonly [id: number, kind: string, ...fields: unknown[]];

/** One connection, as the member sees it. */
export interface Peer {
  readonly socket: Socket;
  send(...frame: readonly unknown[]): void;
}

/** A member that speaks the frames of `flotilla-binary/1`, and says what a test has it say. */
export class BinaryServer {
  readonly #server: Server;
  readonly peers: Peer[] = [];
  readonly frames: Frame[] = [];
  readonly httpRequests: string[] = [];
  /** False for a member that does not know the protocol. */
  upgrades = true;
  serve: (frame: Frame, peer: Peer) => void;
  serveHttp: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.writeHead(404).end();

  constructor(serve: (frame: Frame, peer: Peer) => void) {
    this.serve = serve;
    this.#server = createServer((request, response) => {
      this.httpRequests.push(`${request.method} ${request.url}`);
      this.serveHttp(request, response);
    });
    this.#server.on('upgrade', (request, socket: Socket) => {
      if (this.upgrades && request.headers.upgrade === 'flotilla-binary/1' && request.url === '/v1/binary') this.#accept(socket);
      else socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    });
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve));
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const { socket } of this.peers) socket.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(socket: Socket): void {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: flotilla-binary/1\r\nConnection: Upgrade\r\n\r\n');
    const peer: Peer = { socket, send: (...frame) => void socket.write(frameOf(frame)) };
    this.peers.push(peer);
    let rest = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('end', () => socket.destroy());
    socket.on('data', (chunk) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE()) {
        const end = 4 + rest.readUInt32BE();
        const frame = decodeValue(rest.subarray(4, end)) as Frame;
        rest = rest.subarray(end);
        this.frames.push(frame);
        this.serve(frame, peer);
      }
    });
  }
}

export function frameOf(frame: readonly unknown[]): Uint8Array {
  const body = encodeValue(frame);
  const bytes = Buffer.alloc(4 + body.length);
  bytes.writeUInt32BE(body.length);
  bytes.set(body, 4);
  return bytes;
}
