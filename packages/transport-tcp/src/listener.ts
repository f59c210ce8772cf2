import { type AddressInfo, createServer, type Server } from 'node:net';
import type { MemberId } from '@flotilla/core';
import { type Receive, TransportError } from '@flotilla/transport';
import type { EventReporter } from './event-reporter.ts';
import { InboundConnection, type InboundOwner } from './inbound-connection.ts';
import type { TcpAddress, TcpConfig } from './tcp-options.ts';
import { formatAddress, keepAliveDelayMs } from './watch-socket.ts';

/**
 * Accepts connections, and keeps at most one of each peer and a bounded number of those that have not said yet who they
 * are.
 */
export class Listener {
  readonly #config: TcpConfig;
  readonly #reporter: EventReporter;
  readonly #server: Server;
  /** In the order in which they came. */
  readonly #strangers = new Set<InboundConnection>();
  readonly #byPeer = new Map<MemberId, InboundConnection>();
  #closing: Promise<void> | null = null;

  /** `onPeer` learns of every peer that has connected to us. */
  constructor(config: TcpConfig, reporter: EventReporter, receive: Receive, onPeer: (peer: MemberId) => void) {
    this.#config = config;
    this.#reporter = reporter;
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs });
    const owner: InboundOwner = {
      config,
      reporter,
      receive,
      introduced: (connection, peer) => {
        this.#adopt(connection, peer);
        onPeer(peer);
      },
      gone: (connection) => this.#forget(connection),
    };
    this.#server.on('connection', (socket) => {
      if (this.#closing) return void socket.destroy();
      this.#makeRoom();
      this.#strangers.add(new InboundConnection(socket, owner));
    });
  }

  /** Begins to listen. Rejects with `port_in_use` or `listen_failed`. */
  listen(): Promise<TcpAddress> {
    const { listen } = this.#config;
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException) => reject(listenError(listen, error));
      const onClose = () => reject(new TransportError('listen_failed', 'closed before it listened', 'Start a new transport.'));
      this.#server.once('error', onError);
      this.#server.once('close', onClose);
      this.#server.listen({ ...listen, exclusive: true }, () => {
        // Looking up a host name takes a while, in which this may have been closed.
        if (this.#closing) return void this.#server.close();
        this.#server.off('error', onError);
        this.#server.off('close', onClose);
        resolve(this.#listening(this.#server.address() as AddressInfo));
      });
    });
  }

  /** Closes the port and all connections; resolves when they are gone. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      // The only error here is that it did not listen, which is as good as closed.
      this.#server.close(() => resolve());
      for (const connection of [...this.#strangers, ...this.#byPeer.values()]) connection.close('this host closes');
    });
    return this.#closing;
  }

  #listening({ address: host, port }: AddressInfo): TcpAddress {
    const address = formatAddress({ host, port });
    this.#server.on('error', (error: NodeJS.ErrnoException) => {
      this.#reporter.report({ kind: 'listener-failed', address, reason: error.code ?? error.message });
    });
    this.#reporter.report({ kind: 'listening', address });
    return { host, port };
  }

  /** The oldest stranger goes, not the newest: an honest peer introduces itself at once and is not among the old ones. */
  #makeRoom(): void {
    if (this.#strangers.size < this.#config.strangersMax) return;
    for (const oldest of this.#strangers) {
      this.#strangers.delete(oldest);
      oldest.close('too many connections that did not introduce themselves');
      return;
    }
  }

  /** A peer has one connection to us. If there is an older one, it is what a crash or a broken link left behind. */
  #adopt(connection: InboundConnection, peer: MemberId): void {
    this.#strangers.delete(connection);
    this.#byPeer.get(peer)?.close('replaced by a newer connection');
    this.#byPeer.set(peer, connection);
  }

  #forget(connection: InboundConnection): void {
    this.#strangers.delete(connection);
    const { peer } = connection;
    if (peer !== null && this.#byPeer.get(peer) === connection) this.#byPeer.delete(peer);
  }
}

function listenError(listen: TcpAddress, cause: NodeJS.ErrnoException): TransportError {
  const address = formatAddress(listen);
  if (cause.code === 'EADDRINUSE') {
    return new TransportError(
      'port_in_use',
      `port ${listen.port} is in use: cannot listen on ${address}`,
      `Stop the process that listens on port ${listen.port} (is this member running already?), or choose another port for this member.`,
      { cause },
    );
  }
  return new TransportError(
    'listen_failed',
    `cannot listen on ${address}: ${cause.code ?? cause.message}`,
    'Check host and port to listen on.',
    {
      cause,
    },
  );
}
