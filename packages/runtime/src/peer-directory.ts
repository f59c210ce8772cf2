import type { GroupId, MemberId, Membership } from '@flotilla/core';
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
  /** Members that were removed a moment ago, and where they are reached. */
  readonly #leaving = new Map<MemberId, string>();
  readonly #reachable = new Set<MemberId>();
  readonly #met = new Set<MemberId>();
  #stopped = false;
  #current: ReadonlyMap<MemberId, string> = new Map();

  constructor(
    @inject(tokens.hostConfig) host: HostConfig,
    @inject(tokens.transport) transport: Transport,
    @inject(tokens.scheduler) scheduler: Scheduler,
  ) {
    this.#member = host.member;
    this.#transport = transport;
    this.#scheduler = scheduler;
  }

  /** The membership with which a group starts. */
  register(group: GroupId, membership: Membership): void {
    this.#memberships.set(group, membership);
  }

  /** All groups are registered: tells the transport for the first time. */
  start(): void {
    this.#current = this.#addresses();
    this.#tell();
  }

  /** The membership that a group uses now. */
  update(group: GroupId, membership: Membership): void {
    this.#memberships.set(group, membership);
    const before = this.#current;
    this.#current = this.#addresses();
    for (const [id, address] of before) if (!this.#current.has(id)) this.#sayFarewell(id, address);
    this.#tell();
  }

  /** Whether it was reached since this host started: then each knows whose data the other has. */
  hasMet(peer: MemberId): boolean {
    return this.#met.has(peer);
  }

  isReachable(peer: MemberId): boolean {
    return this.#reachable.has(peer);
  }

  reachabilityChanged(peer: MemberId, reachable: boolean): void {
    if (!reachable) return void this.#reachable.delete(peer);
    this.#reachable.add(peer);
    this.#met.add(peer);
  }

  /** Tells the transport nothing any more. */
  stop(): void {
    this.#stopped = true;
  }

  #sayFarewell(id: MemberId, address: string): void {
    this.#leaving.set(id, address);
    this.#scheduler.after(farewellMs, () => {
      this.#leaving.delete(id);
      this.#tell();
    });
  }

  #addresses(): ReadonlyMap<MemberId, string> {
    const memberships = [...this.#memberships.values()];
    const infos = memberships.flatMap(({ members, outgoing }) => [...(outgoing ?? []), ...members]);
    return new Map(infos.filter(({ id }) => id !== this.#member).map(({ id, peerAddress }) => [id, peerAddress]));
  }

  #tell(): void {
    if (this.#stopped) return;
    const highestId = Math.max(0, ...[...this.#memberships.values()].map((membership) => membership.highestId));
    this.#transport.setPeers({ addresses: new Map([...this.#leaving, ...this.#current]), highestId });
  }
}
