import type { MemberId } from '@flotilla/core';
import type { GroupMessage, Peers } from '@flotilla/transport';
import { numbered } from '@flotilla/transport/testing';
import { SeededRandom } from '../../src/engine/seeded-random.ts';
import { World } from '../../src/engine/world.ts';
import type { Admit, NetworkWatch } from '../../src/network/network-context.ts';
import { calmNetwork, type NetworkProfile } from '../../src/network/network-profile.ts';
import { SimNetwork } from '../../src/network/sim-network.ts';
import type { SimTransport } from '../../src/network/sim-transport.ts';
import { HostClock } from '../../src/process/host-clock.ts';
import { SimProcess } from '../../src/process/sim-process.ts';

/** One life of a host that keeps what it receives and what it is told. */
export interface TestHost {
  readonly member: MemberId;
  readonly process: SimProcess;
  readonly transport: SimTransport;
  /** What arrived, and when: in simulated milliseconds. */
  readonly received: { readonly from: MemberId; readonly id: number; readonly at: number; readonly message: GroupMessage }[];
  /** `+2` reachable, `-2` not any more, each with its time. */
  readonly told: { readonly what: string; readonly at: number }[];
}

export interface TestClusterOptions {
  readonly members?: number;
  readonly profile?: Partial<NetworkProfile>;
  readonly seed?: number;
  readonly watch?: NetworkWatch;
}

export interface TestLife {
  readonly incarnation?: string;
  readonly admit?: Admit;
  readonly peers?: Peers;
}

/** Hosts of the members 1 to `members`, without any Raft in them. */
export class NetworkCluster {
  readonly world = new World();
  readonly network: SimNetwork;
  readonly #random: SeededRandom;
  readonly #ids: readonly MemberId[];
  readonly #hosts = new Map<MemberId, TestHost>();

  constructor({ members = 3, profile = {}, seed = 1, watch = {} }: TestClusterOptions = {}) {
    this.#random = new SeededRandom(seed);
    this.#ids = Array.from({ length: members }, (_, i) => i + 1);
    this.network = new SimNetwork({ world: this.world, random: this.#random, profile: { ...calmNetwork, ...profile }, watch });
  }

  /** All members run and have had the time to connect. */
  static async started(options: TestClusterOptions = {}): Promise<NetworkCluster> {
    const cluster = new NetworkCluster(options);
    for (const id of cluster.#ids) await cluster.start(id);
    await cluster.pass(100);
    return cluster;
  }

  /** Begins a life of this member. */
  async start(member: MemberId, { incarnation = '', admit = () => null, peers = this.peers() }: TestLife = {}): Promise<TestHost> {
    const process = new SimProcess({
      world: this.world,
      clock: new HostClock(this.world),
      random: this.#random.fork(`process ${member}`),
      turnMs: 0,
    });
    const transport = this.network.transport({ member, process, identity: { incarnation, admit } });
    const host: TestHost = { member, process, transport, received: [], told: [] };
    transport.setPeers(peers);
    await transport.start(
      (from, messages) => {
        for (const item of messages) {
          const id = 'id' in item.message ? item.message.id : Number.NaN;
          host.received.push({ from, id, at: this.world.now, message: item });
        }
      },
      (peer, reachable) => void host.told.push({ what: `${reachable ? '+' : '-'}${peer}`, at: this.world.now }),
    );
    this.#hosts.set(member, host);
    return host;
  }

  peers(members: readonly MemberId[] = this.#ids, highestId = Math.max(...this.#ids)): Peers {
    return { addresses: new Map(members.map((id) => [id, `member ${id}`])), highestId };
  }

  /** The last life of this member. */
  host(member: MemberId): TestHost {
    const host = this.#hosts.get(member);
    if (!host) throw new Error(`member ${member} was not started`);
    return host;
  }

  async pass(ms: number): Promise<void> {
    await this.world.run(this.world.now + ms);
  }

  send(from: MemberId, to: MemberId, id: number): boolean {
    return this.host(from).transport.send(to, [numbered(id)]);
  }

  /** Sends one message, and says whether it arrived within so long. */
  async reaches(from: MemberId, to: MemberId, withinMs = 20): Promise<boolean> {
    const before = this.host(to).received.length;
    this.send(from, to, 1_000_000);
    await this.pass(withinMs);
    return this.host(to).received.length > before;
  }

  /** Ids of what a member got from another one, in the order of arrival. */
  ids(to: MemberId, from: MemberId): number[] {
    return this.host(to).received.flatMap((received) => (received.from === from ? [received.id] : []));
  }

  told(member: MemberId): string[] {
    return this.host(member).told.map(({ what }) => what);
  }
}
