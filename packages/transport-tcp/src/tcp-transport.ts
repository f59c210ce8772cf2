import { invariant, type MemberId } from '@flotilla/core';
import type { GroupMessage, OnReachability, Peers, Receive, Transport } from '@flotilla/transport';
import { EventReporter } from './event-reporter.ts';
import { Listener } from './listener.ts';
import { OutboundPeers } from './outbound-peers.ts';
import { formatAddress, type TcpAddress } from './tcp-address.ts';
import { type TcpConfig, type TcpTransportOptions, tcpConfig } from './tcp-options.ts';

/**
 * The port `Transport` over TCP.
 *
 * Every host opens a connection to every peer for what it sends, and accepts one from every peer for what it receives:
 * nobody has to agree on which of two crossing connections to keep. Both begin with a handshake that makes sure of the
 * cluster, of both members, of their data and of the protocol version. There is no encryption and no proof of identity.
 *
 * A peer that falls silent is reported as lost within `livenessTimeoutMs`.
 */
export class TcpTransport implements Transport {
  readonly #config: TcpConfig;
  readonly #reporter: EventReporter;
  readonly #peers: OutboundPeers;
  #listener: Listener | null = null;
  #address: TcpAddress | null = null;
  #closing: Promise<void> | null = null;

  /** Throws `config_invalid` where the options make no sense. Nothing is opened before `start`. */
  constructor(options: TcpTransportOptions) {
    this.#config = tcpConfig(options);
    this.#reporter = new EventReporter(this.#config.onEvent);
    this.#peers = new OutboundPeers(this.#config.memberId, this.#config.guestsMax);
  }

  /** Where this host listens, with the port that the system chose for port 0; null before `start` has resolved. */
  get address(): TcpAddress | null {
    return this.#address;
  }

  /** Rejects with `port_in_use`, or with `listen_failed` where the address is not ours or not allowed. */
  async start(receive: Receive, onReachability: OnReachability = () => {}): Promise<void> {
    invariant(this.#listener === null && this.#closing === null, 'a transport is started once');
    this.#listener = new Listener(this.#config, this.#reporter, this.#peers, receive);
    this.#address = await this.#listener.listen();
    // It may have been closed meanwhile.
    if (this.#closing) return;
    this.#peers.start({
      config: this.#config,
      reporter: this.#reporter,
      advertise: this.#config.advertise ?? formatAddress(this.#address),
      onReachability: (peer, reachable) => {
        if (this.#closing === null) onReachability(peer, reachable);
      },
    });
  }

  /** The own member may be among the peers and is passed over. An address that is none is reported and waits to be put right. */
  setPeers(peers: Peers): void {
    if (this.#closing) return;
    this.#peers.setPeers(peers);
    this.#listener?.dropStrangers();
  }

  send(to: MemberId, messages: readonly GroupMessage[]): boolean {
    return this.#peers.send(to, messages);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#listener?.close(), this.#peers.close()]);
  }
}
