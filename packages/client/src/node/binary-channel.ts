import type { Socket } from 'node:net';
import type { Answer, AttemptOptions, Channel, ChannelRequest, EventPlace, EventsOptions } from '../channel.ts';
import type { ClientTime } from '../client-time.ts';
import type { FollowedEvent } from '../followed-event.ts';
import type { HttpChannel } from '../http-channel.ts';
import { unreachable } from '../network-error.ts';
import { BinaryConnection } from './binary-connection.ts';
import { binaryEvents } from './binary-events.ts';
import { openSocket } from './open-socket.ts';

/** How long an endpoint is spoken to over HTTP before it is asked again for the binary protocol, in milliseconds. */
const httpOnlyMs = 60_000;

/**
 * The largest input that goes over the binary protocol, in bytes. A member takes frames of 64 KiB whatever its limits are. It would end
 * the connection for a frame that is too large, while over HTTP it can refuse that request alone.
 */
const inputBytesMax = 60 * 1024;

/**
 * Reaches members over the binary protocol: one connection to each, opened when it is first used, with many calls under way. Whoever does
 * not know that protocol is spoken to over HTTP. No connection keeps a program running.
 */
export class BinaryChannel implements Channel {
  readonly #http: HttpChannel;
  readonly #time: ClientTime;
  readonly #connections = new Map<string, Promise<BinaryConnection | null>>();
  /** Who does not know the protocol, and how to forget that. */
  readonly #httpOnly = new Map<string, () => void>();
  #isClosed = false;

  constructor(http: HttpChannel, time: ClientTime) {
    this.#http = http;
    this.#time = time;
  }

  async call(endpoint: string, request: ChannelRequest, options: AttemptOptions): Promise<Answer> {
    const connection = this.#httpOnly.has(endpoint) || isLarge(request) ? null : await this.#connectionTo(endpoint);
    return connection === null ? this.#http.call(endpoint, request, options) : connection.call(request, options);
  }

  async *events(endpoint: string, place: EventPlace, options: EventsOptions): AsyncGenerator<FollowedEvent, void, void> {
    const socket = this.#httpOnly.has(endpoint) ? null : await this.#open(endpoint);
    if (socket === null) yield* this.#http.events(endpoint, place, options);
    else yield* binaryEvents(socket, this.#time, place, options);
  }

  close(): void {
    this.#isClosed = true;
    for (const connection of this.#connections.values())
      void connection.then(
        (open) => open?.close(),
        () => {},
      );
    for (const forget of this.#httpOnly.values()) forget();
    this.#connections.clear();
    this.#httpOnly.clear();
  }

  #connectionTo(endpoint: string): Promise<BinaryConnection | null> {
    const known = this.#connections.get(endpoint);
    if (known !== undefined) return known;
    const connection = this.#connect(endpoint, () => {
      if (this.#connections.get(endpoint) === connection) this.#connections.delete(endpoint);
    });
    this.#connections.set(endpoint, connection);
    return connection;
  }

  async #connect(endpoint: string, forget: () => void): Promise<BinaryConnection | null> {
    try {
      const socket = await this.#open(endpoint);
      if (socket === null) forget();
      return socket === null ? null : new BinaryConnection(endpoint, socket, this.#time, forget);
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** Null for whom only HTTP reaches. */
  async #open(endpoint: string): Promise<Socket | null> {
    const socket = await openSocket(endpoint, this.#time);
    if (this.#isClosed) {
      socket?.destroy();
      throw unreachable(endpoint);
    }
    if (socket === null) {
      this.#httpOnly.get(endpoint)?.();
      this.#httpOnly.set(
        endpoint,
        this.#time.after(httpOnlyMs, () => void this.#httpOnly.delete(endpoint), true),
      );
    }
    return socket;
  }
}

function isLarge(request: ChannelRequest): boolean {
  return (request.kind === 'command' || request.kind === 'query') && (request.input?.length ?? 0) > inputBytesMax;
}
