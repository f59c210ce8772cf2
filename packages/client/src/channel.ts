import type { MembershipChange } from '@flotilla/core';
import type { SessionStamp } from '@flotilla/state-machine';
import type { FollowedEvent } from './followed-event.ts';

/** What a client asks of one member. Inputs are encoded already, so that every attempt of a call sends the same bytes. */
export type ChannelRequest =
  /** Answered with `{ index, term, reply }`. */
  | { readonly kind: 'command'; readonly name: string; readonly input: Uint8Array; readonly stamp: SessionStamp | null }
  /** Answered with `{ session, ttlMs }`. */
  | { readonly kind: 'open-session'; readonly ttlMs: number }
  /** Answered with anything. */
  | { readonly kind: 'keep-session'; readonly session: number }
  /** Answered with anything. */
  | { readonly kind: 'close-session'; readonly session: number }
  /** Answered with `{ index, result }`. `input` is null for a query that takes none. */
  | {
      readonly kind: 'query';
      readonly name: string;
      readonly input: Uint8Array | null;
      readonly consistency: 'linearizable' | 'lease' | 'stale';
      /** Null for no bound; only a `stale` read may have one. */
      readonly maxStalenessMs: number | null;
    }
  /** Answered with a `ServiceStatus`. */
  | { readonly kind: 'status' }
  /** Answered with `ClusterMembers`. A member that does not lead refuses the view of the leader, with `not_leader`. */
  | { readonly kind: 'members'; readonly view: 'any' | 'leader' }
  /** Answered with a `ChangedMembership`. */
  | { readonly kind: 'change-membership'; readonly change: MembershipChange }
  /** Answered with anything. */
  | { readonly kind: 'transfer-leadership'; readonly target: number };

const repeatable: { readonly [Kind in ChannelRequest['kind']]: boolean } = {
  command: false,
  // A session that nobody knows of expires.
  'open-session': true,
  'keep-session': true,
  'close-session': true,
  query: true,
  status: true,
  members: true,
  'change-membership': false,
  'transfer-leadership': false,
};

/** Whether a request may be carried out any number of times: nobody is interested in how often it was. */
export function isRepeatable({ kind }: ChannelRequest): boolean {
  return repeatable[kind];
}

/** Whether a request may be sent again whatever became of it: it is repeatable, or its session sees to it that it is applied once. */
export function isSafe(request: ChannelRequest): boolean {
  return repeatable[request.kind] || (request.kind === 'command' && request.stamp !== null);
}

export type Answer = Readonly<Record<string, unknown>>;

export interface AttemptOptions {
  /** How long the member may take before it gives up by itself, in whole milliseconds. */
  readonly timeoutMs: number;
  /**
   * Aborts once nobody waits for the answer any more. Whoever waits needs no word of it, so a channel may leave it alone;
   * it is made when it is first read.
   */
  readonly signal: AbortSignal;
}

/** Where a stream of events is to begin. */
export interface EventPlace {
  /** The first log index of interest; null for the oldest whose events are still there. */
  readonly from: number | null;
  /** The last event that was seen, behind which to go on; null where none was. */
  readonly after: { readonly index: number; readonly ordinal: number } | null;
}

export interface EventsOptions {
  /** Ends the stream, in any way. */
  readonly signal: AbortSignal;
  /** To be called with the first index whose events the stream has, where the member says so. */
  readonly onStart: (from: number) => void;
  /** To be called whenever anything arrives, so that a silent connection is noticed. */
  readonly onHeard: () => void;
}

/** The port for how one attempt of a call reaches one member, and how its answer comes back. */
export interface Channel {
  /**
   * `endpoint` is a URL without a slash at its end. Rejects with a `ClientError`: the member's own with its `status`, or one without a
   * status where there was no answer, of which `unreachable` says that the member never saw the request and `connection_lost` that it may
   * have.
   */
  call(endpoint: string, request: ChannelRequest, options: AttemptOptions): Promise<Answer>;
  /**
   * The events of one connection to one member, in order. Ends where the member ends it, and throws where it breaks: a `ClientError` as
   * of a call, or anything else for a failure of the network. Without it, events come over HTTP.
   */
  events?(endpoint: string, place: EventPlace, options: EventsOptions): AsyncIterable<FollowedEvent>;
  /** No more calls follow. Connections that are still open end. */
  close?(): void;
}
