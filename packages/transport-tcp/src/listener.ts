import { type AddressInfo, createServer, type Server } from 'node:net';
import type { MemberId } from '@flotilla/core';
import { type Receive, TransportError } from '@flotilla/transport';
import type { EventReporter } from './event-reporter.ts';
import type { Hello } from './handshake.ts';
import { InboundConnection, type InboundOwner } from './inbound-connection.ts';
import { refusalByData } from './incarnation.ts';
import type { OutboundPeers } from './outbound-peers.ts';
import { type Refusal, refusalFor } from './refusal-reason.ts';
import { formatAddress, type TcpAddress } from './tcp-address.ts';
import type { TcpConfig } from './tcp-options.ts';
import { keepAliveDelayMs } from './watch-socket.ts';

/**
 * Accepts connections, and keeps at most one of each peer and a bounded number of those that have not said yet who they
 * are.
 */
export class Listener {
  readonly #config: TcpConfig;
  readonly #reporter: EventReporter;
  readonly #peers: OutboundPeers;
  readonly #server: Server;
  /** In the order in which they came. */
  readonly #strangers = new Set<InboundConnection>();
  readonly #byPeer = new Map<MemberId, InboundConnection>();
  #closing: Promise<void> | null = null;

  /** `peers` says who is let in, and learns who has come and gone. */
  constructor(config: TcpConfig, reporter: EventReporter, peers: OutboundPeers, receive: Receive) {
    this.#config = config;
    this.#reporter = reporter;
    this.#peers = peers;
    this.#server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs });
    const owner: InboundOwner = {
      config,
      reporter,
      receive,
      judge: (hello) => this.#judge(hello),
      introduced: (connection, hello) => this.#adopt(connection, hello),
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

  /** Closes the connections of everybody who is neither a peer nor a guest any more. */
  dropStrangers(): void {
    for (const [peer, connection] of this.#byPeer) if (!this.#peers.has(peer)) connection.close('it is not a member any more');
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

  /** From the coarse to the fine; the data last, because asking for it may be what makes it known. */
  #judge({ sender, receiver, clusterId, incarnation }: Hello): Refusal | null {
    if (clusterId !== this.#config.clusterId) return refusalFor('wrong-cluster');
    if (receiver !== this.#config.memberId) return refusalFor('wrong-member');
    const reason = this.#peers.refusalOf(sender);
    return reason === null ? refusalByData(this.#config, sender, incarnation) : refusalFor(reason);
  }

  /** A peer has one connection to us. If there is an older one, it is what a crash or a broken link left behind. */
  #adopt(connection: InboundConnection, { sender, address }: Hello): void {
    this.#strangers.delete(connection);
    this.#byPeer.get(sender)?.close('replaced by a newer connection');
    this.#byPeer.set(sender, connection);
    // Asked again, because it may have been removed, or other guests have come, since it was welcomed.
    const reason = this.#peers.refusalOf(sender);
    if (reason === null) this.#peers.connectedFrom(sender, address);
    else connection.close(refusalFor(reason).explanation);
  }

  #forget(connection: InboundConnection): void {
    this.#strangers.delete(connection);
    const { peer } = connection;
    if (peer === null || this.#byPeer.get(peer) !== connection) return;
    this.#byPeer.delete(peer);
    this.#peers.disconnectedFrom(peer);
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
