import { defaultChannel } from '#default-channel';
import type { Channel } from './channel.ts';
import { type ClientTime, systemTime } from './client-time.ts';

/** How a client behaves; every part has a default. */
export interface ClientOptions {
  /** How long a call may take with all of its retries, in milliseconds. Default 10000. */
  readonly timeoutMs?: number;
  /**
   * Commands belong to a session, so that each is applied once, however often the client has to send it. It is opened with the first
   * command, and ends `ttlMs` milliseconds (from a second to an hour) after the group last heard of it. `false` for none: then a command
   * of which the outcome is unknown fails. Default `{ ttlMs: 60000 }`.
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
  /**
   * How to speak to members. `binary`: one connection to each that is used, with many calls at once; in Node, where the member
   * knows it, otherwise over HTTP. Default `binary`, but `http` where there is a `fetch`.
   */
  readonly protocol?: 'binary' | 'http';
  /** For what goes over HTTP. Default: the global one. */
  readonly fetch?: typeof fetch;
  /** How calls reach a member. Default: by `protocol`. The client does not close it, so that several can use one. */
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

export interface Settings extends Required<ClientOptions> {
  /** Ends what {@link withDefaults} has made. */
  readonly closeChannel: () => void;
}

export function withDefaults(options: ClientOptions): Settings {
  const fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  const protocol = options.protocol ?? (options.fetch === undefined ? 'binary' : 'http');
  const time = options.time ?? systemTime;
  const channel = options.channel ?? defaultChannel({ protocol, fetch, time });
  return {
    timeoutMs: 10_000,
    session: { ttlMs: 60_000 },
    attemptTimeoutMs: 3000,
    backoffFirstMs: 25,
    backoffMaxMs: 1000,
    idleTimeoutMs: 45_000,
    membersIntervalMs: 5000,
    random: Math.random,
    ...options,
    protocol,
    fetch,
    time,
    channel,
    closeChannel: () => {
      if (options.channel === undefined) channel.close?.();
    },
  };
}

/** The pause before round `round` (from 1), with jitter so that clients do not come back all at once. */
export function backoffMs({ backoffFirstMs, backoffMaxMs, random }: Settings, round: number): number {
  return Math.min(backoffFirstMs * 2 ** (round - 1), backoffMaxMs) * (0.5 + random() / 2);
}
