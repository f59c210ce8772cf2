import type { Channel, ClientTime } from '@flotilla/client';
import type { Group } from '@flotilla/runtime';
import type { SeededRandom } from '../engine/seeded-random.ts';
import type { World } from '../engine/world.ts';
import type { SimProcess } from '../process/sim-process.ts';
import { SimChannel } from './sim-channel.ts';

/** A host as clients find it. */
export interface ReachableHost {
  /** Null while no process runs. */
  readonly process: SimProcess | null;
  /** Null while the process serves no clients yet, or no more. */
  readonly group: Group | null;
}

/** What the way between clients and hosts is like. */
export interface ClientLink {
  /** What one way takes at least, in milliseconds. */
  readonly delayMinMs: number;
  /** What it takes longer than that on average, in milliseconds. */
  readonly delayMeanMs: number;
  /** How likely a connection breaks while a request is on its way, and again while its answer is. */
  readonly lossProbability: number;
  /**
   * How long a client tries to connect to whom it does not reach, in milliseconds. Short, because a call that ends meanwhile has an
   * unknown outcome, and a history full of those shows little.
   */
  readonly connectTimeoutMs: number;
}

export const defaultClientLink: ClientLink = { delayMinMs: 0.2, delayMeanMs: 0.3, lossProbability: 0, connectTimeoutMs: 20 };

export interface ClientNetworkParts {
  readonly world: World;
  readonly random: SeededRandom;
  /** Who has an address, such as `client-1:80`; null for nobody. */
  readonly hostAt: (address: string) => ReachableHost | null;
  /** Whether anything gets through between a client and an address right now, in either direction. */
  readonly reaches: (client: number, address: string) => boolean;
  readonly link?: ClientLink;
}

/** What a production client is given instead of HTTP, a clock and chance. */
export interface SimClientPorts {
  readonly channel: Channel;
  readonly time: ClientTime;
  readonly random: () => number;
}

/** The network between clients and hosts. What goes over it arrives once or not at all, as over TCP, and in any order. */
export class ClientNetwork {
  readonly #parts: ClientNetworkParts;
  readonly #time: ClientTime;
  /** The requests that each process has, and has not answered. */
  readonly #underWay = new WeakMap<SimProcess, Set<() => void>>();
  /** May be changed at any time, and counts from then on. */
  link: ClientLink;

  constructor(parts: ClientNetworkParts) {
    this.#parts = parts;
    this.#time = worldTime(parts.world);
    this.link = parts.link ?? defaultClientLink;
  }

  get world(): World {
    return this.#parts.world;
  }

  /** The options with which a production client runs here. Each `client` has a number of its own, and so its own luck. */
  ports(client: number): SimClientPorts {
    const random = this.#parts.random.fork(`client ${client}`);
    const pauses = random.fork('pauses');
    return { channel: new SimChannel(this, client, random), time: this.#time, random: () => pauses.next() };
  }

  hostAt(address: string): ReachableHost | null {
    return this.#parts.hostAt(address);
  }

  reaches(client: number, address: string): boolean {
    return this.#parts.reaches(client, address);
  }

  /** `process` has taken a request in; `lost` is called if it ends before {@link ClientNetwork.answered}. */
  taken(process: SimProcess, lost: () => void): void {
    const requests = this.#underWay.get(process);
    if (requests === undefined) this.#underWay.set(process, new Set([lost]));
    else requests.add(lost);
  }

  /** False where the process ended before. */
  answered(process: SimProcess, lost: () => void): boolean {
    return this.#underWay.get(process)?.delete(lost) ?? false;
  }

  /** To be called when a process has ended: the connections of its clients break. */
  processEnded(process: SimProcess): void {
    const requests = this.#underWay.get(process);
    if (requests === undefined) return;
    this.#underWay.delete(process);
    for (const lost of requests) lost();
  }
}

function worldTime(world: World): ClientTime {
  return {
    now: () => world.now,
    after: (delayMs, run) => {
      const task = world.after(delayMs, run);
      return () => {
        task.run = null;
      };
    },
  };
}
