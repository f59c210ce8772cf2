import type { MemberId } from '@flotilla/core';
import type { RefusalReason } from './refusal-reason.ts';

/** Who opened a connection: this host for its own sends, or a peer for its. */
export type Direction = 'outbound' | 'inbound';

/**
 * What happens to the connections of a transport, for logs.
 *
 * `address` is `host:port` of the other side. `peer` is null where the other side has not said or proved who it is.
 * While nothing changes, an event is not repeated: a peer that stays away is reported once, not at every attempt.
 */
export type TransportEvent =
  | { readonly kind: 'listening'; readonly address: string }
  | { readonly kind: 'connected'; readonly direction: Direction; readonly peer: MemberId; readonly address: string }
  | {
      readonly kind: 'disconnected';
      readonly direction: Direction;
      readonly peer: MemberId;
      readonly address: string;
      readonly reason: string;
    }
  /** A connection could not be opened, or ended before both sides had introduced themselves. */
  | {
      readonly kind: 'not-connected';
      readonly direction: Direction;
      readonly peer: MemberId | null;
      readonly address: string;
      readonly reason: string;
    }
  /** One of the hosts does not let the other one in, who claims to be `peer`. Both report it, with the same explanation. */
  | {
      readonly kind: 'refused';
      readonly by: 'this-host' | 'other-side';
      readonly direction: Direction;
      readonly peer: MemberId | null;
      readonly address: string;
      readonly reason: RefusalReason;
      readonly explanation: string;
      /** For `incarnation-refused`: the incarnation that whoever refuses remembers of the other one's data. Else null. */
      readonly seen: string | null;
    }
  /** The other side sent what no member sends, or too large a frame; its connection is closed. */
  | {
      readonly kind: 'protocol-error';
      readonly direction: Direction;
      readonly peer: MemberId | null;
      readonly address: string;
      readonly code: string;
      readonly reason: string;
    }
  /** The receive callback threw, which it must not; the connection that brought the messages is closed. */
  | { readonly kind: 'receive-failed'; readonly peer: MemberId; readonly address: string; readonly reason: string; readonly error: unknown }
  /** Messages were dropped before they left, because the peer does not keep up or a frame is larger than allowed. */
  | {
      readonly kind: 'send-dropped';
      readonly peer: MemberId;
      readonly address: string;
      readonly reason: 'queue-full' | 'frame-too-large';
      readonly bytes: number;
    }
  /** The listening socket had an error after it was open. */
  | { readonly kind: 'listener-failed'; readonly address: string; readonly reason: string };
