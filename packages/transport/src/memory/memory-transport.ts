import { invariant, type MemberId } from '@flotilla/core';
import { noPeers } from '../standing.ts';
import type { GroupMessage, OnReachability, Peers, Receive, Transport } from '../transport.ts';
import type { MemoryNetwork } from './memory-network.ts';

/**
 * One member's transport over a {@link MemoryNetwork}. Members are told apart by their ids alone: addresses mean nothing
 * here. An exception in a callback is not caught.
 */
export class MemoryTransport implements Transport {
  readonly #network: MemoryNetwork;
  readonly #member: MemberId;
  #peers: Peers = noPeers;
  #state: 'new' | 'started' | 'closed' = 'new';

  constructor(network: MemoryNetwork, member: MemberId) {
    this.#network = network;
    this.#member = member;
  }

  async start(receive: Receive, onReachability: OnReachability = () => {}): Promise<void> {
    invariant(this.#state === 'new', 'a transport is started once');
    this.#network.attach(this.#member, { receive, onReachability, peers: this.#peers });
    this.#state = 'started';
  }

  setPeers(peers: Peers): void {
    this.#peers = peers;
    if (this.#state === 'started') this.#network.setPeers(this.#member, peers);
  }

  send(to: MemberId, messages: readonly GroupMessage[]): boolean {
    return this.#state === 'started' && this.#network.send(this.#member, to, messages);
  }

  async close(): Promise<void> {
    // One that never got on the network must not take off the other one that did.
    if (this.#state === 'started') this.#network.detach(this.#member);
    this.#state = 'closed';
  }
}
