import type { Channel } from './channel.ts';
import { type ClientTime, systemTime } from './client-time.ts';
import { HttpChannel } from './http-channel.ts';

/** How a client behaves; every part has a default. */
export interface ClientOptions {
  /** How long a call may take with all of its retries, in milliseconds. Default 10000. */
  readonly timeoutMs?: number;
  /**
   * Commands belong to a session, so that each is applied once, however often the client has to send it. It is opened with the first
   * command, and ends `ttlMs` milliseconds after the group last heard of it. `false` for none: then a command of which the outcome is
   * unknown fails. Default `false`.
   */
  readonly session?: { readonly ttlMs: number } | false;
  /** How long one attempt may take before another member is asked, where that is safe, in milliseconds. Default 3000. */
  readonly attemptTimeoutMs?: number;
  /** The first pause once every endpoint was tried in vain, in milliseconds; it doubles from there. Default 25. */
  readonly backoffFirstMs?: number;
  /** Default 1000. */
  readonly backoffMaxMs?: number;
  /** How long a stream of events may be silent before another member is asked, in milliseconds. Default 45000. */
  readonly idleTimeoutMs?: number;
  /**
   * How often to ask, while calls are made, which members there are now, in milliseconds; 0 for never, so that only the
   * given endpoints are used. Default 5000.
   */
  readonly membersIntervalMs?: number;
  /** For HTTP: calls, unless there is a `channel`, and streams of events. Default: the global one. */
  readonly fetch?: typeof fetch;
  /** How calls reach a member. Default: over HTTP. Streams of events do not use it. */
  readonly channel?: Channel;
  /** Default: the system's clock and timers. */
  readonly time?: ClientTime;
  /** A number in [0, 1), for the length of pauses. Default: `Math.random`. */
  readonly random?: () => number;
}

export interface CallOptions {
  /** Overrides that of the client. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export type Settings = Required<ClientOptions>;

export function withDefaults(options: ClientOptions): Settings {
  const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  return {
    timeoutMs: 10_000,
    session: false,
    attemptTimeoutMs: 3000,
    backoffFirstMs: 25,
    backoffMaxMs: 1000,
    idleTimeoutMs: 45_000,
    membersIntervalMs: 5000,
    channel: options.channel ?? new HttpChannel(fetch),
    time: systemTime,
    random: Math.random,
    ...options,
    fetch,
  };
}

/** The pause before round `round` (from 1), with jitter so that clients do not come back all at once. */
export function backoffMs({ backoffFirstMs, backoffMaxMs, random }: Settings, round: number): number {
  return Math.min(backoffFirstMs * 2 ** (round - 1), backoffMaxMs) * (0.5 + random() / 2);
}
