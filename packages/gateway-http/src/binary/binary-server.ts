import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { HttpError, unavailable } from '../http-error.ts';
import { isAnswering, rawAnswer } from '../raw-answer.ts';
import { BinaryConnection, type BinaryConnectionOptions } from './binary-connection.ts';
import { binaryPath, protocolName } from './protocol.ts';
import { asksForBinary, ignoreUpgrade, switchingProtocols } from './upgrade.ts';

export interface BinaryServerOptions extends BinaryConnectionOptions {
  /** How many connections may be open at once. */
  readonly connectionsMax: number;
}

/** The binary protocol, on the port of HTTP: `GET /v1/binary` with `Upgrade: flotilla-binary/1`. */
export class BinaryServer {
  readonly #options: BinaryServerOptions;
  readonly #connections = new Set<BinaryConnection>();
  #closing = false;

  constructor(options: BinaryServerOptions) {
    this.#options = options;
  }

  /** Takes over the requests of `server` that ask for this protocol. */
  attach(server: FastifyInstance): void {
    const { server: http } = server;
    http.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      // A server of HTTP without TLS has no other streams.
      const socket = stream as Socket;
      if (isAnswering(socket)) socket.destroy();
      else if (asksForBinary(request)) this.#accept(socket, head);
      else ignoreUpgrade(http, request, socket, head);
    });
    server.get(binaryPath, { exposeHeadRoute: false }, async (): Promise<never> => {
      throw new HttpError(426, 'upgrade_required', `this path speaks ${protocolName}`, `Send "Upgrade: ${protocolName}".`, {
        headers: { upgrade: protocolName, connection: 'Upgrade' },
      });
    });
  }

  /** Says goodbye to everybody; the connections end once their calls are answered. */
  close(): void {
    this.#closing = true;
    for (const connection of this.#connections) connection.leave('this member is stopping');
  }

  #accept(socket: Socket, head: Buffer): void {
    const refusal = this.#refusal();
    if (refusal !== null) {
      socket.on('error', () => {});
      socket.end(rawAnswer(refusal));
      return;
    }
    socket.write(switchingProtocols);
    if (head.length > 0) socket.unshift(head);
    const connection = new BinaryConnection(socket, this.#options);
    this.#connections.add(connection);
    void connection.serve().finally(() => this.#connections.delete(connection));
  }

  #refusal(): HttpError | null {
    const { connectionsMax } = this.#options;
    if (this.#closing) return unavailable('closing', 'this member is stopping', 'Use another member.');
    if (this.#connections.size < connectionsMax) return null;
    return unavailable('too_many_connections', `${connectionsMax} connections are open, which is the limit`, 'Use another member.');
  }
}
