import { type Answer, type AttemptOptions, type Channel, type ChannelRequest, connectionLost, unreachable } from '@flotilla/client';
import type { Group } from '@flotilla/runtime';
import type { SeededRandom } from '../engine/seeded-random.ts';
import type { SimProcess } from '../process/sim-process.ts';
import { answerError } from './answer-error.ts';
import type { ClientNetwork } from './client-network.ts';
import { serveRequest } from './serve-request.ts';

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

  #send(exchange: Exchange): void {
    const { world, link } = this.#network;
    if (!this.#network.reaches(this.#client, exchange.address))
      world.after(link.connectTimeoutMs, () => exchange.reject(unreachable(exchange.endpoint)));
    else this.#carry(exchange, () => this.#arrive(exchange));
  }

  /** One way, in either direction: `arrived` follows, or the connection breaks. */
  #carry(exchange: Exchange, arrived: () => void): void {
    const { world, link } = this.#network;
    const breaks = this.#random.chance(link.lossProbability);
    world.after(this.#delayMs(), () => {
      if (breaks) exchange.reject(connectionLost(exchange.endpoint));
      else if (this.#network.reaches(this.#client, exchange.address)) arrived();
    });
  }

  #arrive(exchange: Exchange): void {
    const host = this.#network.hostAt(exchange.address);
    const process = host?.process ?? null;
    const group = host?.group ?? null;
    if (process === null || group === null || !process.alive) {
      this.#carry(exchange, () => exchange.reject(unreachable(exchange.endpoint)));
      return;
    }
    const lost = () => this.#carry(exchange, () => exchange.reject(connectionLost(exchange.endpoint)));
    this.#network.taken(process, lost);
    process.enter(() => this.#serve(exchange, process, group, lost));
  }

  #serve(exchange: Exchange, process: SimProcess, group: Group, lost: () => void): void {
    serveRequest(group, exchange.request, exchange.timeoutMs).then(
      (answer) => {
        if (this.#network.answered(process, lost)) this.#carry(exchange, () => exchange.resolve(answer()));
      },
      (error: unknown) => {
        if (!this.#network.answered(process, lost)) return;
        const answer = answerError(error, group);
        this.#carry(exchange, () => exchange.reject(answer));
      },
    );
  }

  #delayMs(): number {
    const { delayMinMs, delayMeanMs } = this.#network.link;
    return delayMinMs + this.#random.exponential(delayMeanMs);
  }
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
