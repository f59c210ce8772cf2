import { invariant, type MemberId } from '@flotilla/core';
import type { GroupMessage, Receive, Transport } from '../transport.ts';
import type { MemoryNetwork } from './memory-network.ts';

/** One member's transport over a {@link MemoryNetwork}. An exception in its receive callback is not caught. */
export class MemoryTransport implements Transport {
  readonly #network: MemoryNetwork;
  readonly #member: MemberId;
  #state: 'new' | 'started' | 'closed' = 'new';

  constructor(network: MemoryNetwork, member: MemberId) {
    this.#network = network;
    this.#member = member;
  }

  async start(receive: Receive): Promise<void> {
    invariant(this.#state === 'new', 'a transport is started once');
    this.#network.attach(this.#member, receive);
    this.#state = 'started';
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
