import type { MemberId } from '@flotilla/core';
import type { SeededRandom } from '../engine/seeded-random.ts';
import type { World } from '../engine/world.ts';
import { Link } from './link.ts';
import type { Endpoint, NetworkCounts, NetworkWatch } from './network-context.ts';
import { NetworkFaults } from './network-faults.ts';
import { checkLinkQuality, type NetworkProfile } from './network-profile.ts';
import { type Life, SimTransport, type TransportNetwork } from './sim-transport.ts';

export interface SimNetworkOptions {
  readonly world: World;
  readonly random: SeededRandom;
  readonly profile: NetworkProfile;
  readonly watch?: NetworkWatch;
}

/**
 * The network of a simulated cluster. What it does follows from its seed, its faults and what is sent; each direction between
 * two members draws from a stream of its own.
 *
 * A process that dies without {@link SimNetwork.killed} is a machine that lost its power: its peers notice nothing until the
 * liveness timeout, or until its next life answers them.
 */
export class SimNetwork {
  readonly faults: NetworkFaults;
  readonly #random: SeededRandom;
  readonly #profile: NetworkProfile;
  readonly #lives = new Map<MemberId, Endpoint>();
  readonly #links = new Map<MemberId, Map<MemberId, Link>>();
  readonly #counts: NetworkCounts = {
    sent: 0,
    delivered: 0,
    lost: 0,
    duplicated: 0,
    reordered: 0,
    retransmitted: 0,
    refused: 0,
    resets: 0,
    bytes: 0,
  };
  readonly #context: TransportNetwork;

  /** Throws `config_invalid` where the profile makes no sense. */
  constructor({ world, random, profile, watch = {} }: SimNetworkOptions) {
    checkLinkQuality(profile);
    this.#random = random;
    this.#profile = profile;
    this.faults = new NetworkFaults(() => this.#expose());
    this.#context = {
      world,
      profile,
      watch,
      counts: this.#counts,
      listening: (member) => this.#lives.get(member) ?? null,
      link: (from, to) => this.#link(from, to),
      attach: (life) => void this.#lives.set(life.member, life),
      detach: (life) => {
        if (this.#lives.get(life.member) === life) this.#lives.delete(life.member);
      },
    };
  }

  get counts(): Readonly<NetworkCounts> {
    return this.#counts;
  }

  /** The transport of one life of a host, not started. */
  transport(life: Life): SimTransport {
    return new SimTransport(this.#context, life);
  }

  /**
   * The process of this member was killed, and its machine lives on: the system closes its connections and refuses new ones.
   * Call it after `kill` of the process.
   */
  killed(member: MemberId): void {
    this.#lives.get(member)?.leave();
  }

  /** Breaks the connections between the two. They are opened again at once, or after a pause. */
  reset(one: MemberId, other: MemberId): void {
    this.#links.get(one)?.get(other)?.reset();
    this.#links.get(other)?.get(one)?.reset();
  }

  /** Takes all faults back. */
  healAll(): void {
    this.faults.healAll();
  }

  #link(from: MemberId, to: MemberId): Link {
    let byReceiver = this.#links.get(from);
    if (!byReceiver) {
      byReceiver = new Map();
      this.#links.set(from, byReceiver);
    }
    let link = byReceiver.get(to);
    if (!link) {
      link = new Link(from, to, this.#random, this.#profile);
      link.expose(this.faults);
      byReceiver.set(to, link);
    }
    return link;
  }

  #expose(): void {
    for (const links of this.#links.values()) for (const link of links.values()) link.expose(this.faults);
  }
}
