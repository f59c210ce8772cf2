import { type GroupId, type MemberId, type Membership, peersOf } from '@flotilla/core';
import type { Transport } from '@flotilla/transport';
import { inject, injectable } from 'inversify';
import type { HostConfig } from './host-config.ts';
import type { Scheduler } from './ports.ts';
import { tokens } from './tokens.ts';

/** How long a member that was removed is still spoken to, in milliseconds: it should hear that it was. */
const farewellMs = 1000;

/** Tells the transport who takes part: the members of all groups of this host. */
@injectable()
export class PeerDirectory {
  readonly #member: MemberId;
  readonly #transport: Transport;
  readonly #scheduler: Scheduler;
  readonly #memberships = new Map<GroupId, Membership>();
  #told = '';
  #addresses: ReadonlyMap<MemberId, string> = new Map();

  constructor(
    @inject(tokens.hostConfig) host: HostConfig,
    @inject(tokens.transport) transport: Transport,
    @inject(tokens.scheduler) scheduler: Scheduler,
  ) {
    this.#member = host.member;
    this.#transport = transport;
    this.#scheduler = scheduler;
  }

  /** The membership that a group uses now. */
  update(group: GroupId, membership: Membership): void {
    this.#memberships.set(group, membership);
    const current = this.#current();
    const leaving = [...this.#addresses].filter(([id]) => !current.has(id));
    this.#tell(new Map([...leaving, ...current]), leaving.length > 0);
    if (leaving.length > 0) this.#scheduler.after(farewellMs, () => this.#tell(this.#current(), false));
  }

  #current(): Map<MemberId, string> {
    const addresses = new Map<MemberId, string>();
    for (const membership of this.#memberships.values()) {
      const known = new Map([...(membership.outgoing ?? []), ...membership.members].map(({ id, peerAddress }) => [id, peerAddress]));
      for (const id of peersOf(membership, this.#member)) addresses.set(id, known.get(id) ?? '');
    }
    return addresses;
  }

  #tell(addresses: ReadonlyMap<MemberId, string>, farewell: boolean): void {
    const highest = Math.max(0, ...[...this.#memberships.values()].map(({ highestId }) => highestId));
    const text = JSON.stringify([[...addresses], highest]);
    this.#addresses = farewell ? this.#current() : addresses;
    if (text === this.#told) return;
    this.#told = text;
    this.#transport.setPeers({ addresses, highestId: highest });
  }
}
