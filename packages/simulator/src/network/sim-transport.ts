import { invariant, type MemberId } from '@flotilla/core';
import {
  type GroupMessage,
  noPeers,
  type OnReachability,
  type Peers,
  type Receive,
  standingOf,
  type Transport,
  TransportError,
} from '@flotilla/transport';
import type { SimProcess } from '../process/sim-process.ts';
import type { Connection } from './connection.ts';
import type { Link } from './link.ts';
import { type Endpoint, type Identity, type NetworkContext, trusts } from './network-context.ts';
import { Way } from './way.ts';

/** What a transport needs of the network besides what its connections do. */
export interface TransportNetwork extends NetworkContext {
  link(from: MemberId, to: MemberId): Link;
  attach(life: Endpoint): void;
  detach(life: Endpoint): void;
}

/** Who is to be on the network. */
export interface Life {
  readonly member: MemberId;
  readonly process: SimProcess;
  readonly identity: Identity;
}

/**
 * The port `Transport` of one life of a host, as `TcpTransport` behaves: it opens a connection to each peer for what it sends,
 * lets in who knows it and may be known, and answers guests. Members are told apart by their ids alone; addresses mean
 * nothing here.
 *
 * A peer that falls silent is reported as lost within the profile's `livenessTimeoutMs`.
 */
export class SimTransport implements Transport, Endpoint {
  readonly member: MemberId;
  readonly process: SimProcess;
  readonly identity: Identity;
  readonly #network: TransportNetwork;
  readonly #ways = new Map<MemberId, Way>();
  readonly #inbound = new Map<MemberId, Connection>();
  #peers: Peers = noPeers;
  #receive: Receive = () => {};
  #onReachability: OnReachability = () => {};
  #state: 'new' | 'started' | 'closed' = 'new';

  constructor(network: TransportNetwork, { member, process, identity }: Life) {
    this.#network = network;
    this.member = member;
    this.process = process;
    this.identity = identity;
  }

  /** Rejects with `port_in_use` while another life of this member runs. */
  async start(receive: Receive, onReachability: OnReachability = () => {}): Promise<void> {
    invariant(this.#state === 'new', 'a transport is started once');
    if (this.#network.listening(this.member)?.process.alive) {
      throw new TransportError('port_in_use', `member ${this.member} is on this network already`, 'End its other life first.');
    }
    this.#receive = receive;
    this.#onReachability = onReachability;
    this.#state = 'started';
    this.#network.attach(this);
    this.setPeers(this.#peers);
  }

  setPeers(peers: Peers): void {
    const before = this.#peers;
    this.#peers = peers;
    if (this.#state !== 'started' || !this.process.alive) return;
    for (const id of this.#ways.keys()) {
      const staysGuest = standingOf(before, id) === 'guest' && standingOf(peers, id) === 'guest';
      if (!staysGuest && !peers.addresses.has(id)) this.#drop(id);
    }
    for (const id of peers.addresses.keys()) this.#lead(id);
    for (const [id, connection] of this.#inbound) {
      if (this.#ways.has(id)) continue;
      this.#inbound.delete(id);
      connection.closeInbound();
    }
  }

  send(to: MemberId, messages: readonly GroupMessage[]): boolean {
    return this.process.alive && (this.#ways.get(to)?.send(messages) ?? false);
  }

  async close(): Promise<void> {
    // A life that is over cannot close what its successor has opened, and says nothing.
    if (this.process.alive) this.leave();
  }

  leave(): void {
    const wasOn = this.#state === 'started';
    this.#state = 'closed';
    if (!wasOn) return;
    this.#network.detach(this);
    for (const way of this.#ways.values()) way.close();
    for (const connection of this.#inbound.values()) connection.closeInbound();
    this.#ways.clear();
    this.#inbound.clear();
  }

  lets(peer: MemberId, incarnation: string): boolean {
    // The data last, because asking for it may be what makes it known.
    return this.#state === 'started' && this.#mayBePeer(peer) && trusts(this.identity, peer, incarnation);
  }

  adopt(inbound: Connection): void {
    const { member: peer } = inbound.from;
    // Asked again, because it may have been removed, or other guests have come, since it was let in.
    if (this.#state !== 'started' || !this.#mayBePeer(peer)) return inbound.closeInbound();
    this.#inbound.get(peer)?.closeInbound();
    this.#inbound.set(peer, inbound);
    if (standingOf(this.#peers, peer) === 'guest') this.#lead(peer);
    this.#ways.get(peer)?.peerIsBack();
  }

  forget(inbound: Connection): void {
    const { member: peer } = inbound.from;
    if (this.#inbound.get(peer) !== inbound) return;
    this.#inbound.delete(peer);
    // That it was connected is all that was known of a guest.
    if (standingOf(this.#peers, peer) === 'guest') this.#drop(peer);
  }

  receive(from: MemberId, messages: readonly GroupMessage[]): void {
    this.#receive(from, messages);
  }

  #mayBePeer(peer: MemberId): boolean {
    switch (standingOf(this.#peers, peer)) {
      case 'peer':
        return true;
      case 'removed':
        return false;
      case 'guest':
        return this.#ways.has(peer) || this.#guests() < this.#network.profile.guestsMax;
    }
  }

  #guests(): number {
    let guests = 0;
    for (const id of this.#ways.keys()) if (!this.#peers.addresses.has(id)) guests++;
    return guests;
  }

  #lead(peer: MemberId): void {
    if (peer === this.member || this.#ways.has(peer)) return;
    const way = new Way(this.#network, this.#network.link(this.member, peer), this, (id, reachable) => this.#tell(id, reachable));
    this.#ways.set(peer, way);
  }

  #drop(peer: MemberId): void {
    this.#ways.get(peer)?.close();
    this.#ways.delete(peer);
  }

  /** Later, because it may be this host's own call that led here. */
  #tell(peer: MemberId, reachable: boolean): void {
    this.#network.world.after(0, () => {
      this.process.enter(() => {
        if (this.#state === 'started') this.#onReachability(peer, reachable);
      });
    });
  }
}
