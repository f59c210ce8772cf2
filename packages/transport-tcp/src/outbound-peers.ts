import type { MemberId } from '@flotilla/core';
import { type GroupMessage, noPeers, type Peers, standingOf } from '@flotilla/transport';
import { type Dialler, OutboundPeer } from './outbound-peer.ts';
import type { RefusalReason } from './refusal-reason.ts';

/**
 * Our ways to everybody whom we send to: to the peers that we were told of, and to guests, that is members that we do not
 * know yet and that are connected to us. A new member hears from a leader before its own log tells it who that is; and
 * where a follower lags behind, it is asked for votes by members that were added since.
 */
export class OutboundPeers {
  readonly #memberId: MemberId;
  readonly #guestsMax: number;
  readonly #ways = new Map<MemberId, OutboundPeer>();
  /** Sockets of ways that were given up, until they are gone. */
  readonly #leaving = new Set<Promise<void>>();
  #peers: Peers = noPeers;
  #dialler: Dialler | null = null;

  constructor(memberId: MemberId, guestsMax: number) {
    this.#memberId = memberId;
    this.#guestsMax = guestsMax;
  }

  /** Begins to connect. */
  start(dialler: Dialler): void {
    this.#dialler = dialler;
    this.setPeers(this.#peers);
  }

  setPeers(peers: Peers): void {
    const before = this.#peers;
    this.#peers = peers;
    for (const id of this.#ways.keys()) {
      const staysGuest = standingOf(before, id) === 'guest' && standingOf(peers, id) === 'guest';
      if (!staysGuest && !peers.addresses.has(id)) this.#drop(id, 'it is not a member any more');
    }
    for (const [id, address] of peers.addresses) if (id !== this.#memberId) this.#lead(id, address);
  }

  /** Whether this is a peer, or a guest that is here. */
  has(id: MemberId): boolean {
    return this.#ways.has(id);
  }

  /** Why one who claims to be this member is not let in, or null. */
  refusalOf(id: MemberId): RefusalReason | null {
    if (id === this.#memberId) return 'same-member';
    switch (standingOf(this.#peers, id)) {
      case 'peer':
        return null;
      case 'removed':
        return 'member-removed';
      case 'guest':
        return this.#ways.has(id) || this.#guests() < this.#guestsMax ? null : 'too-many-guests';
    }
  }

  /** One who is let in has connected to us. A guest is answered at the address that it names. */
  connectedFrom(id: MemberId, address: string): void {
    if (standingOf(this.#peers, id) === 'guest') this.#lead(id, address);
    this.#ways.get(id)?.peerIsBack();
  }

  /** One who had connected to us has gone, which is all that we knew of a guest. */
  disconnectedFrom(id: MemberId): void {
    if (standingOf(this.#peers, id) === 'guest') this.#drop(id, 'the guest has left');
  }

  send(to: MemberId, messages: readonly GroupMessage[]): boolean {
    return this.#ways.get(to)?.send(messages) ?? false;
  }

  /** Resolves when every socket is gone. Nothing is connected to any more. */
  async close(): Promise<void> {
    this.#dialler = null;
    for (const id of this.#ways.keys()) this.#drop(id, 'this host closes');
    await Promise.all(this.#leaving);
  }

  #guests(): number {
    let guests = 0;
    for (const id of this.#ways.keys()) if (!this.#peers.addresses.has(id)) guests++;
    return guests;
  }

  #lead(id: MemberId, address: string): void {
    const way = this.#ways.get(id);
    if (way) way.moveTo(address);
    else if (this.#dialler) this.#ways.set(id, new OutboundPeer(id, address, this.#dialler));
  }

  #drop(id: MemberId, reason: string): void {
    const way = this.#ways.get(id);
    if (!way) return;
    this.#ways.delete(id);
    const gone: Promise<void> = way.close(reason).then(() => void this.#leaving.delete(gone));
    this.#leaving.add(gone);
  }
}
