import {
  type Answer,
  type AttemptOptions,
  type Channel,
  type ChannelRequest,
  connectionLost,
  type EventPlace,
  type EventsOptions,
  type FollowedEvent,
  unreachable,
} from '@flotilla/client';
import type { Group } from '@flotilla/runtime';
import type { SeededRandom } from '../engine/seeded-random.ts';
import type { SimProcess } from '../process/sim-process.ts';
import { answerError } from './answer-error.ts';
import type { ClientNetwork } from './client-network.ts';
import { serveRequest } from './serve-request.ts';
import { simEvents } from './sim-events.ts';

/**
 * A client's way to simulated hosts.
 *
 * ```
 *  call ──delay──► process.enter ─► Group ──delay──► answer
 *    │       │            └ the process ends: connection_lost
 *    │       └ nobody there: unreachable     any way may break: connection_lost
 *    └ cut off already: unreachable          cut off meanwhile: silence, until the client gives up
 * ```
 *
 * A host goes on with a request whose client has given up, for as long as that had told it that it may take.
 */
export class SimChannel implements Channel {
  readonly #network: ClientNetwork;
  readonly #client: number;
  readonly #random: SeededRandom;

  /** What has just left for an address, and for this client from there. */
  readonly #leaving = new Map<string, Batch>();
  readonly #returning = new Map<string, Batch>();

  constructor(network: ClientNetwork, client: number, random: SeededRandom) {
    this.#network = network;
    this.#client = client;
    this.#random = random;
  }

  call(endpoint: string, request: ChannelRequest, { timeoutMs }: AttemptOptions): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#send({ endpoint, address: addressOf(endpoint), request, timeoutMs, resolve, reject });
    });
  }

  events(endpoint: string, place: EventPlace, options: EventsOptions): AsyncIterable<FollowedEvent> {
    const parts = { network: this.#network, client: this.#client, endpoint, address: addressOf(endpoint), delayMs: () => this.#delayMs() };
    return simEvents(parts, place, options);
  }

  #send(exchange: Exchange): void {
    const { world, link } = this.#network;
    if (!this.#network.reaches(this.#client, exchange.address))
      world.after(link.connectTimeoutMs, () => exchange.reject(unreachable(exchange.endpoint)));
    else this.#carry(exchange, this.#leaving, () => this.#arrive(exchange));
  }

  /** One way: `arrived` follows, or the connection breaks. What leaves at one moment travels together, as one write does. */
  #carry(exchange: Exchange, way: Map<string, Batch>, arrived: () => void): void {
    const { world, link } = this.#network;
    const batch = way.get(exchange.address);
    if (batch?.leftAt === world.now && batch.carried.length < batchMax) return void batch.carried.push({ exchange, arrived });
    const carried = [{ exchange, arrived }];
    way.set(exchange.address, { leftAt: world.now, carried });
    const breaks = this.#random.chance(link.lossProbability);
    world.after(this.#delayMs(), () => {
      if (way.get(exchange.address)?.carried === carried) way.delete(exchange.address);
      const reaches = this.#network.reaches(this.#client, exchange.address);
      for (const each of carried) {
        if (breaks) each.exchange.reject(connectionLost(each.exchange.endpoint));
        else if (reaches) each.arrived();
      }
    });
  }

  #arrive(exchange: Exchange): void {
    const host = this.#network.hostAt(exchange.address);
    const process = host?.process ?? null;
    const group = host?.group ?? null;
    if (process === null || group === null || !process.alive) {
      this.#carry(exchange, this.#returning, () => exchange.reject(unreachable(exchange.endpoint)));
      return;
    }
    const lost = () => this.#carry(exchange, this.#returning, () => exchange.reject(connectionLost(exchange.endpoint)));
    this.#network.taken(process, lost);
    process.enter(() => this.#serve(exchange, process, group, lost));
  }

  #serve(exchange: Exchange, process: SimProcess, group: Group, lost: () => void): void {
    serveRequest(group, exchange.request, exchange.timeoutMs).then(
      (answer) => {
        if (this.#network.answered(process, lost)) this.#carry(exchange, this.#returning, () => exchange.resolve(answer()));
      },
      (error: unknown) => {
        if (!this.#network.answered(process, lost)) return;
        const answer = answerError(error, group);
        this.#carry(exchange, this.#returning, () => exchange.reject(answer));
      },
    );
  }

  #delayMs(): number {
    const { delayMinMs, delayMeanMs } = this.#network.link;
    return delayMinMs + this.#random.exponential(delayMeanMs);
  }
}

/** How many requests or answers travel together at most. */
const batchMax = 64;

/** What left at one moment. */
interface Batch {
  readonly leftAt: number;
  readonly carried: { readonly exchange: Exchange; readonly arrived: () => void }[];
}

/** A request and where its answer goes. It is answered once: whatever comes after counts for nothing. */
interface Exchange {
  readonly endpoint: string;
  readonly address: string;
  readonly request: ChannelRequest;
  readonly timeoutMs: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** `http://client-1` is `client-1:80`: a URL leaves out the port that goes without saying. */
function addressOf(endpoint: string): string {
  const host = endpoint.slice(endpoint.indexOf('://') + 3);
  return host.includes(':') ? host : `${host}:80`;
}
