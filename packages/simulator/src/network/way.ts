import type { MemberId } from '@flotilla/core';
import type { GroupMessage } from '@flotilla/transport';
import { Connection } from './connection.ts';
import type { Link } from './link.ts';
import type { Endpoint, NetworkContext } from './network-context.ts';

/** Told, in the process itself, that a peer became reachable or stopped to be. */
export type Tell = (peer: MemberId, reachable: boolean) => void;

/** A life's way to one peer: opens a connection, and opens it again when it ends. */
export class Way {
  readonly #context: NetworkContext;
  readonly #link: Link;
  readonly #from: Endpoint;
  readonly #tell: Tell;
  #connection: Connection | null = null;
  /** The connection, once messages may be sent over it. */
  #open: Connection | null = null;
  #cancelPause: (() => void) | null = null;
  #attempts = 0;
  /** Whether the last attempt failed though the peer was there. Then that it connects to us is no reason to hurry. */
  #rebuffed = false;
  #closed = false;

  /** Begins to connect. */
  constructor(context: NetworkContext, link: Link, from: Endpoint, tell: Tell) {
    this.#context = context;
    this.#link = link;
    this.#from = from;
    this.#tell = tell;
    this.#dial();
  }

  send(messages: readonly GroupMessage[]): boolean {
    return this.#open?.send(messages) ?? false;
  }

  /** The peer has just connected to us, so it is evidently there: do not wait any longer. */
  peerIsBack(): void {
    if (this.#cancelPause === null || this.#rebuffed) return;
    this.#cancelPause();
    this.#attempts = 0;
    this.#dial();
  }

  /** Ends the connection for good. */
  close(): void {
    this.#closed = true;
    this.#cancelPause?.();
    this.#connection?.close();
    if (this.#open !== null) this.#tell(this.#link.to, false);
    this.#open = null;
  }

  #dial(): void {
    this.#cancelPause = null;
    this.#connection = new Connection(this.#context, this.#link, this.#from, {
      welcomed: (connection) => {
        this.#open = connection;
        this.#tell(this.#link.to, true);
      },
      gone: (connection) => this.#gone(connection),
    });
  }

  #gone({ welcomedAt, wasReached }: Connection): void {
    if (this.#closed) return;
    if (welcomedAt !== null) this.#tell(this.#link.to, false);
    this.#connection = null;
    this.#open = null;
    const lasted = welcomedAt !== null && this.#from.process.now() - welcomedAt >= this.#context.profile.reconnect.maxMs;
    // One that was let in and lost again at once must not be tried again and again without a pause that grows.
    if (lasted) this.#attempts = 0;
    this.#rebuffed = wasReached && !lasted;
    this.#cancelPause = this.#from.process.after(this.#pauseMs(), () => this.#dial());
  }

  /** Doubles with each attempt, and is shortened by up to half at random. */
  #pauseMs(): number {
    const { minMs, maxMs } = this.#context.profile.reconnect;
    const full = Math.min(maxMs, minMs * 2 ** this.#attempts);
    if (full < maxMs) this.#attempts++;
    return full * (1 - this.#link.random.next() / 2);
  }
}
