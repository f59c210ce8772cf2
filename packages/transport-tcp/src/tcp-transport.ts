import { invariant, type MemberId } from '@flotilla/core';
import type { GroupMessage, Receive, Transport } from '@flotilla/transport';
import { EventReporter } from './event-reporter.ts';
import { Listener } from './listener.ts';
import { OutboundPeer } from './outbound-peer.ts';
import { type TcpAddress, type TcpConfig, type TcpTransportOptions, tcpConfig } from './tcp-options.ts';

/**
 * The port `Transport` over TCP.
 *
 * Every host opens a connection to every peer for what it sends, and accepts one from every peer for what it receives:
 * nobody has to agree on which of two crossing connections to keep. Both begin with a handshake that makes sure of the
 * cluster, of both members and of the protocol version. There is no encryption and no proof of identity.
 */
export class TcpTransport implements Transport {
  readonly #config: TcpConfig;
  readonly #reporter: EventReporter;
  readonly #peers: ReadonlyMap<MemberId, OutboundPeer>;
  #listener: Listener | null = null;
  #address: TcpAddress | null = null;
  #closing: Promise<void> | null = null;

  /** Throws `config_invalid` where the options make no sense. Nothing is opened before `start`. */
  constructor(options: TcpTransportOptions) {
    const config = tcpConfig(options);
    this.#config = config;
    this.#reporter = new EventReporter(config.onEvent, (id) => config.peers.has(id));
    const others = [...config.peers.keys()].filter((id) => id !== config.memberId);
    this.#peers = new Map(others.map((id) => [id, new OutboundPeer(id, config, this.#reporter)]));
  }

  /** Where this host listens, with the port that the system chose for port 0; null before `start` has resolved. */
  get address(): TcpAddress | null {
    return this.#address;
  }

  /** Rejects with `port_in_use`, or with `listen_failed` where the address is not ours or not allowed. */
  async start(receive: Receive): Promise<void> {
    invariant(this.#listener === null && this.#closing === null, 'a transport is started once');
    const listener = new Listener(this.#config, this.#reporter, receive, (peer) => this.#peers.get(peer)?.peerIsBack());
    this.#listener = listener;
    this.#address = await listener.listen();
    // It may have been closed meanwhile, which closed peers survive.
    for (const peer of this.#peers.values()) peer.start();
  }

  send(to: MemberId, messages: readonly GroupMessage[]): boolean {
    return this.#peers.get(to)?.send(messages) ?? false;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([this.#listener?.close(), ...[...this.#peers.values()].map((peer) => peer.close())]);
  }
}
