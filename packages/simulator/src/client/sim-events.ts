import { connectionLost, type EventPlace, type EventsOptions, type FollowedEvent, unreachable } from '@flotilla/client';
import type { EventBatch, Group } from '@flotilla/runtime';
import { decodeValue, encodeValue } from '@flotilla/state-machine';
import type { SimProcess } from '../process/sim-process.ts';
import type { ClientNetwork } from './client-network.ts';

/** Whose events come, and over which way. */
export interface SimEventsParts {
  readonly network: ClientNetwork;
  readonly client: number;
  readonly endpoint: string;
  readonly address: string;
  /** How long one way takes just now, in milliseconds. */
  readonly delayMs: () => number;
}

/** How often a member is heard of while nothing happens, in milliseconds. */
const heartbeatMs = 10_000;

/** The events of one connection to one member, as gateways send them. It breaks where the process ends, and falls silent where it is cut. */
export async function* simEvents(
  { network, client, endpoint, address, delayMs }: SimEventsParts,
  place: EventPlace,
  { signal, onStart, onHeard }: EventsOptions,
): AsyncGenerator<FollowedEvent, void, void> {
  const { world } = network;
  await world.pass(delayMs());
  const host = network.hostAt(address);
  const process = host?.process ?? null;
  const group = host?.group ?? null;
  if (process === null || group === null || !network.reaches(client, address)) throw unreachable(endpoint);
  const connection = new Connection(network, process, endpoint);
  const beat = () => {
    if (connection.ended || signal.aborted) return;
    if (!process.paused && network.reaches(client, address)) onHeard();
    world.after(heartbeatMs, beat);
  };
  const from = place.after?.index ?? place.from ?? group.journalStart();
  onStart(from);
  beat();
  signal.addEventListener('abort', () => connection.end(), { once: true });
  const batches = batchesOf(group, from, signal);
  try {
    for (;;) {
      const { done, value } = await connection.next(batches);
      if (done) return;
      await world.pass(delayMs());
      // What does not get through is missing to whoever is connected: nothing more comes until the connection is given up.
      if (!network.reaches(client, address)) await connection.never();
      onHeard();
      yield* eventsIn(value);
    }
  } finally {
    connection.end();
    // The process may have ended: then nobody answers any more.
    void batches.return?.();
  }
}

function batchesOf(group: Group, from: number, signal: AbortSignal): AsyncIterator<EventBatch> {
  return group.events({ from, signal })[Symbol.asyncIterator]();
}

/** What leaves a member shares nothing with it. */
function* eventsIn({ index, term, time, events }: EventBatch): Generator<FollowedEvent, void, void> {
  for (const [ordinal, { type, data }] of events.entries())
    yield { index, ordinal, term, time, type, data: decodeValue(encodeValue(data, 'machine_defect')) };
}

/** Breaks where the process at its other end does. */
class Connection {
  ended = false;
  readonly #release: () => void;
  readonly #endpoint: string;
  #break: (error: unknown) => void = () => {};

  constructor(network: ClientNetwork, process: SimProcess, endpoint: string) {
    const lost = () => this.end();
    network.taken(process, lost);
    this.#release = () => void network.answered(process, lost);
    this.#endpoint = endpoint;
  }

  next<T>(from: AsyncIterator<T>): Promise<IteratorResult<T>> {
    return this.#until((resolve, reject) => void from.next().then(resolve, reject));
  }

  never(): Promise<never> {
    return this.#until(() => {});
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#release();
    this.#break(connectionLost(this.#endpoint));
  }

  #until<T>(wait: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#break = reject;
      if (this.ended) reject(connectionLost(this.#endpoint));
      else wait(resolve, reject);
    });
  }
}
